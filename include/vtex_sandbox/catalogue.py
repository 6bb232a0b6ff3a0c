"""Products of the shops."""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

SKUS = 300
THEMES = {
    "pets": (("Alimento", "Collar", "Piedras sanitarias", "Snack dental", "Cama"), ("Perro", "Gato"), ("Kanú", "Baar")),
    "sports": (("Zapatilla", "Remera", "Pelota", "Short", "Mochila"), ("Running", "Fútbol"), ("Séptima", "Andes")),
    "clothes": (("Camisa", "Vestido", "Jean", "Bota", "Sandalia"), ("Dama", "Caballero"), ("Lino", "Cuero & Co")),
    "toys": (("Muñeca", "Bloques", "Auto a control", "Puzzle", "Peluche"), ("3+", "6+"), ("Jugar", "Mundo")),
    "home": (("Sartén", "Juego de sábanas", "Lámpara", "Taladro", "Silla"), ("Hogar", "Taller"), ("Celta", "Berco")),
    "pharmacy": (("Protector solar", "Vitamina C", "Champú", "Crema", "Gotas"), ("Adulto", "Niño"), ("Farma", "Vida")),
}


class Product(NamedTuple):
    sku: str
    product: str
    name: str
    ref: str | None
    ean: str | None
    brand: str
    brand_id: str
    categories: list[dict[str, Any]]
    price: int


@lru_cache(maxsize=64)
def catalogue(theme: str, seed: int) -> tuple[Product, ...]:
    """Return the SKUs of a theme, prices in cents."""
    kinds, lines, brands = THEMES[theme]
    rng = Random(f"{seed}:{theme}")
    products = []
    for number in range(SKUS):
        kind, line, brand = rng.randrange(len(kinds)), rng.choice(lines), rng.randrange(len(brands))
        products.append(
            Product(
                sku=str(1000 + number),
                product=str(500 + number // 3),
                name=f"{kinds[kind]} {line} {brands[brand]} N°{number}",
                ref=f"REF{number:05d}" if rng.random() < 0.9 else None,
                ean=f"779{rng.randrange(10**9, 10**10)}" if rng.random() < 0.7 else None,
                brand=brands[brand],
                brand_id=str(2_000_000 + brand),
                categories=[{"id": 10 + kind, "name": kinds[kind]}, {"id": 1, "name": "Todos"}],
                price=rng.randrange(150_000, 9_900_000),
            )
        )
    return tuple(products)
