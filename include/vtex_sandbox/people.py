"""Customers: a pool per account in which a few buy often, as in a real shop."""

from __future__ import annotations

import hashlib
from random import Random
from typing import Any

from vtex_sandbox.template import PARTS

FIRST = ("Ana", "Bruno", "Camila", "Diego", "Elena", "Facundo", "Gabriela", "Hernán", "Inés", "Joaquín", "Karina",
         "Lautaro", "Martina", "Nicolás", "Olga", "Pablo", "Rocío", "Santiago", "Tamara", "Valentín")  # fmt: skip
LAST = ("Acosta", "Benítez", "Castro", "Domínguez", "Escobar", "Fernández", "Giménez", "Herrera", "Ibáñez", "Juárez",
        "Ledesma", "Molina", "Núñez", "Ortiz", "Peralta", "Quiroga", "Romero", "Sosa", "Toledo", "Vera")  # fmt: skip
PLACES = (
    ("Buenos Aires", "La Plata", "1900"), ("Ciudad Autónoma de Buenos Aires", "Palermo", "1425"),
    ("Córdoba", "Córdoba", "5000"), ("Santa Fe", "Rosario", "2000"), ("Mendoza", "Godoy Cruz", "5501"),
    ("Tucumán", "San Miguel de Tucumán", "4000"), ("Neuquén", "Neuquén", "8300"), ("Salta", "Salta", "4400"),
)  # fmt: skip
POOL = 2000
CUSTOMER, ADDRESS = PARTS["customer"], PARTS["address"]


def customer(seed: str, number: int, order_seed: int) -> dict[str, Any]:
    """Return ``clientProfileData`` of a purchase: a person of the pool, with an e-mail alias of the order's own."""
    rng = Random(f"{seed}:{number}")
    first, last = rng.choice(FIRST), rng.choice(LAST)
    digest = hashlib.md5(f"{seed}:{number}".encode(), usedforsecurity=False).hexdigest()
    address = f"{_plain(first)}.{_plain(last)}{number}@correo.example"
    corporate = rng.random() < 0.06
    document = str(rng.randrange(11_000_000, 47_000_000))
    known = rng.random() < 0.93
    return CUSTOMER | {
        "email": _alias(address, order_seed),
        "firstName": first,
        "lastName": last,
        "documentType": "cuit" if corporate else "dni" if known else None,
        "document": document if known and not corporate else None,
        "phone": f"+54911{rng.randrange(10_000_000, 99_999_999)}",
        "corporateName": f"{last} Hermanos SRL" if corporate else None,
        "tradeName": f"{last} Hnos." if corporate else None,
        "corporateDocument": f"30-{document}-{rng.randrange(10)}" if corporate else None,
        "isCorporate": corporate,
        "userProfileId": f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}",
    }


def pick(rng: Random) -> int:
    """Return a customer's number, heavy-tailed: the first ones buy often."""
    return min(int(rng.paretovariate(0.45)), POOL * 40) % POOL if rng.random() < 0.7 else rng.randrange(POOL * 4)


def home(seed: str, number: int) -> dict[str, Any]:
    """Return the address of a customer."""
    rng = Random(f"{seed}:{number}:home")
    state, city, postal = rng.choice(PLACES)
    return ADDRESS | {
        "receiverName": f"{rng.choice(FIRST)} {rng.choice(LAST)}",
        "addressId": f"{rng.randrange(10**12, 10**13)}",
        "postalCode": postal,
        "city": city,
        "state": state,
        "street": f"Calle {rng.choice(LAST)}",
        "number": str(rng.randrange(1, 9000)) if rng.random() < 0.95 else None,
        "neighborhood": rng.choice(("Centro", "Norte", "Sur", "Oeste")),
        "complement": rng.choice((None, "1º B", "PB", "Casa 2")),
    }


def _alias(address: str, order_seed: int) -> str:
    form = order_seed % 10
    if form < 6:
        return f"{address}-{order_seed % 10**12:012d}b.ct.vtex.com.br"
    if form < 8:
        return f"{hashlib.md5(str(order_seed).encode(), usedforsecurity=False).hexdigest()}@ct.vtex.com.br"
    return address


def _plain(name: str) -> str:
    return name.lower().translate(str.maketrans("áéíóúñ", "aeioun"))
