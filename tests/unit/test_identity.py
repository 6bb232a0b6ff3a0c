import pytest

from cdp_sync.rows.identity import clean_document, clean_email, identify


@pytest.mark.parametrize(
    ("served", "address"),
    [
        ("Ana.Sosa@Correo.example-123456789012b.ct.vtex.com.br", "ana.sosa@correo.example"),
        ("ana@correo.example-1b.ct.vtex.com.br", "ana@correo.example"),
        ("ana@correo.example-15412.ct.vtex.com.br", "ana@correo.example"),
        (" ana@correo.example ", "ana@correo.example"),
        ("ana-1b@correo.example", "ana-1b@correo.example"),
        ("0ea8de8f546477f339f4fccc2cb1c66f@ct.vtex.com.br", None),
        ("0ea8de8f546477f339f4fccc2cb1c66f@ct.vtex.com", None),
        ("j***.d**@e******.c**", None),
        ("a**@c*****.e******-123456789012b.ct.vtex.com.br", None),
        ("nobody", None),
        ("", None),
        (None, None),
    ],
)
def test_the_address_behind_an_alias_is_the_customers_own(served, address):
    assert clean_email(served) == address


@pytest.mark.parametrize(
    ("served", "document"),
    [
        ("12.345.678", "12345678"),
        ("30-12345678-9", "30123456789"),
        ("ab 123456", "AB123456"),
        ("0", None),
        ("11111111", None),
        ("1**********", None),
        ("30-1*******-*", None),
        ("123.4**.***-56", None),
        ("1234", None),
        ("", None),
        (None, None),
    ],
)
def test_a_document_is_its_letters_and_digits_and_a_placeholder_is_none(served, document):
    assert clean_document(served) == document


def test_the_document_identifies_before_the_email_before_the_profile():
    everything = {"document": "12345678", "email": "ana@correo.example", "profile": "p1"}

    kinds = [
        identify(20, **everything).identified_by,
        identify(20, **{**everything, "document": None}).identified_by,
        identify(20, document=None, email=None, profile="p1").identified_by,
    ]

    assert kinds == ["document", "email", "profile"]
    assert identify(20, document=None, email=None, profile=None) is None


def test_two_orders_of_one_document_are_one_customer_whatever_their_email():
    first = identify(20, document="12345678", email="ana@correo.example", profile="p1")
    second = identify(20, document="12345678", email=None, profile="p2")

    assert first == second


def test_a_person_is_another_customer_at_another_tenant():
    ids = {identify(tenant, document="12345678", email=None, profile=None).customer_id for tenant in (1, 2)}

    assert len(ids) == 2


def test_a_document_is_never_taken_for_a_profile_of_the_same_text():
    assert identify(1, document="abc12", email=None, profile=None) != identify(
        1, document=None, email=None, profile="abc12"
    )
