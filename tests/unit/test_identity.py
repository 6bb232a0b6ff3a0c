import pytest

from cdp_sync.rows.identity import clean_document, clean_email, clean_phone, identifier_key


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


@pytest.mark.parametrize(
    ("served", "phone"),
    [
        ("+54 9 11 5555-1234", "1155551234"),
        ("(011) 5555-1234", "1155551234"),
        ("5555-1234", "55551234"),
        ("555-123", None),
        ("00000000", None),
        ("+5511*******34", None),
        ("", None),
        (None, None),
    ],
)
def test_a_telephone_is_its_last_ten_digits(served, phone):
    assert clean_phone(served) == phone


def test_a_person_has_another_key_at_another_tenant():
    assert identifier_key(1, "document", "12345678") != identifier_key(2, "document", "12345678")


def test_a_document_never_has_the_key_of_a_profile_of_the_same_text():
    assert identifier_key(1, "document", "abc12") != identifier_key(1, "profile", "abc12")


def test_what_is_not_known_has_no_key():
    assert identifier_key(1, "email", None) is None
