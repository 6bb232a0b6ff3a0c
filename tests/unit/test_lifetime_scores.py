"""What is predicted of a customer, how ways to predict are judged, and which shops share a model."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from cdp_sync.intelligence import training
from cdp_sync.intelligence.bg_nbd import BgNbd, p_alive
from cdp_sync.intelligence.evaluation import judge, winner
from cdp_sync.intelligence.gamma_gamma import GammaGamma
from cdp_sync.intelligence.heuristics import Habits
from cdp_sync.intelligence.histories import Histories
from cdp_sync.intelligence.lifetime import HIATUS, MODEL, MULTIPLIER, YEAR, LifetimeModel, horizons, predict
from cdp_sync.intelligence.scoring import COLUMNS, WITHOUT_VALUE, WRITTEN_OFF, scores

MODELS = BgNbd(r=0.5, alpha=6.0, a=0.6, b=2.0), GammaGamma(p=5.0, q=3.5, gamma=20.0)
HABITS = Habits([float(share) for share in range(101)], 1.0, [9, 30, 60, 120], [1, 1, 2, 4], [9, 30, 60, 120])
TODAY = date(2026, 11, 20)


def customers(*known):
    """Return customers of (repeats, last_after, age, net, first): real values are those paid."""
    rows = [(x, last, age, net, net, first, 0, 0) for x, last, age, net, first in known]
    return Histories.of([rows])


def made(size, seed, *, silence=0.0, value=1.0):
    """Return customers of a year, who buy at rates of their own and leave; none bought in the last `silence` days."""
    chance = np.random.default_rng(seed)
    rows = []
    for _ in range(size):
        age = chance.uniform(200, 400)
        days, at = [0], 0.0
        rate, leaving = chance.gamma(0.9, 1 / 63), chance.beta(0.6, 3.0)
        mean = value * 5 / chance.gamma(4.0, 1 / 18)
        while (at := at + chance.exponential(1 / rate)) < age - silence:
            days.append(int(at))
            if chance.random() < leaving:
                break
        days = sorted(set(days))
        worth = chance.gamma(5.0, mean / 5, len(days))
        rows.append((len(days) - 1, days[-1], int(age), worth.sum(), worth.sum(), worth[0], 0, 0))
    return Histories.of([rows])


def scored(model, who, **changed):
    options = {"today": TODAY, "discount_rate": 0.1, "churn_warning": 0.7} | changed
    return [dict(zip(COLUMNS, row, strict=True)) for row in scores(model, who, **options)]


def test_value_is_discounted_year_by_year_from_the_middle_of_each():
    model, who = LifetimeModel(*MODELS), customers((3, 200, 230, 400, 100))
    until = [0.0] + [float(predict(model, who, year * YEAR).value[0]) for year in range(1, 6)]
    years = [later - earlier for earlier, later in pairwise(until)]

    found = horizons(model, who, discount_rate=0.1)

    assert sorted(found) == [1, 3, 5]
    for horizon, prediction in found.items():
        expected = sum(value / 1.1 ** (year + 0.5) for year, value in enumerate(years[:horizon]))
        assert prediction.value == pytest.approx(expected)
    assert horizons(model, who, discount_rate=0.0)[5].value == pytest.approx(until[5])
    assert found[5].value < until[5]


def test_a_value_has_no_reason_and_no_value_has_one():
    who = customers(
        (2, 100, 120, 300, 100),  # an ordinary one
        (2, 100, 120, 50, 80),  # the repeat orders were sent back, the first was kept
        (2, 100, 120, -5, 80),  # all was sent back
        (0, 0, 120, 100, 100),  # bought once
    )

    ordinary, first_kept, sent_back, once = scored(LifetimeModel(*MODELS), who)

    assert [row["reason"] for row in (ordinary, first_kept, sent_back, once)] == [None, None, WITHOUT_VALUE, None]
    assert min(row["value_1y"] for row in (ordinary, first_kept, once)) > 0
    assert first_kept["value_1y"] / first_kept["expected_orders_1y"] == pytest.approx(
        once["value_1y"] / once["expected_orders_1y"], rel=1e-3
    ), "the shop's mean order"
    assert (sent_back["value_1y"], sent_back["total_value"]) == (0, -5)


@pytest.mark.parametrize("method", [HIATUS, MULTIPLIER])
def test_a_rule_of_thumb_that_expects_nothing_says_so(method):
    who = customers((2, 100, 120, 300, 100), (2, 100, 400, 300, 100))

    active, lost = scored(LifetimeModel(*MODELS, method, HABITS), who)

    assert (active["reason"], lost["reason"]) == (None, WRITTEN_OFF)
    assert active["value_1y"] > 0 == lost["value_1y"]


def test_a_number_the_model_does_not_have_is_none_and_history_remains():
    broken = LifetimeModel(BgNbd(r=np.nan, alpha=6.0, a=0.6, b=2.0), MODELS[1])

    (row,) = scored(broken, customers((2, 100, 120, 300, 100)), churn_warning=1)

    assert (row["value_1y"], row["expected_orders_5y"], row["total_value"]) == (None, None, 300)
    assert row["reason"] == "The model gives no number for this customer."


def test_a_warning_on_a_whole_number_of_days_is_of_that_day():
    """An age that is 83.00000000000001 days by its last bit is day 83."""
    model, late = LifetimeModel(*MODELS), customers((2, 30, 400, 300, 100))
    (row,) = scored(model, late)
    day = 400 - (TODAY - row["warned_since"]).days
    # The threshold is put where the silence on that day is exactly long enough.
    for place in range(day, day + 40):
        x, t_x, age = customers((2, 30, place, 300, 100)).weeks
        exact = 1 - float(p_alive(model.orders, x, t_x, age)[0])

        (again,) = scored(model, late, churn_warning=exact)

        assert (TODAY - again["warned_since"]).days == 400 - place


def test_the_best_of_most_measures_wins_and_of_equal_ones_the_first():
    actual = np.array([0.0, 10, 20, 70])
    good, half, bad = judge(actual, actual), judge(actual[::-1] * 1.0, actual), judge(actual * 3, actual)

    assert (good.total_error, good.mean_absolute_error, good.normalised_gini) == (0, 0, pytest.approx(1))
    assert (half.total_error, half.normalised_gini) == (0, pytest.approx(-1))
    assert bad.total_error == pytest.approx(2)
    assert winner({MODEL: bad, HIATUS: good, MULTIPLIER: half}) == HIATUS
    assert winner({MODEL: good, HIATUS: good}) == MODEL
    assert winner({HIATUS: good, MODEL: good}) == HIATUS


def test_a_rule_that_does_better_on_the_hold_out_takes_the_models_place():
    before = made(600, 3)
    trained = training.train(before)
    by_rule = predict(LifetimeModel(*MODELS, HIATUS, HABITS), before, 60 / 7).value
    by_model = predict(LifetimeModel(*trained.models), before, 60 / 7).value

    def judged(came):
        known = {name: getattr(before, name) for name in before.__dataclass_fields__} | {"later_real": came}
        return training.compare(trained, Histories(**known), HABITS, days=60)

    rule, model = judged(by_rule), judged(by_model)

    assert (rule.columns["method"], model.columns["method"]) == (HIATUS, MODEL)
    assert [each["method"] for each in rule.evaluations if each["is_winner"]] == [HIATUS]
    assert "hiatus predicted the last 60 days best" in rule.columns["sentence"]
    assert rule.models == trained.models, "who is alive is still the model's to say"


def test_shops_share_a_model_only_if_there_are_two_and_they_sell():
    some, others, asleep = made(400, 1), made(400, 2, value=50.0), made(400, 4, silence=60)

    shared = training.pool([some, others])

    assert (shared["shops"], shared["pooled_customers"]) == (2, 800)
    assert training.pool([made(800, 1)]) is None, "its own orders, in the place of others'"
    assert training.pool([some, others, asleep])["shops"] == 2
    assert training.pool([made(800, 1), asleep]) is None
    assert training.pool([]) is None


def test_a_shop_refused_for_its_numbers_takes_the_parameters_of_all_in_its_own_units():
    small, shared = made(40, 9, value=7.0), training.pool([made(400, 1), made(400, 2)])

    alone = training.train(small)
    pooled = training.use_pool(alone, small, shared)

    assert (alone.columns["outcome"], alone.columns["method"]) == ("too_few_customers", "none")
    assert (pooled.columns["method"], pooled.columns["pooled"]) == ("pooled", True)
    assert pooled.columns["gamma"] == pytest.approx(shared["gamma"] * small.mean_value)
    assert training.use_pool(alone, small, None) is alone


def test_repeat_orders_that_brought_nothing_give_an_outcome_not_an_error():
    who = made(600, 5)
    known = {name: getattr(who, name) for name in who.__dataclass_fields__}
    sent_back = Histories(**known | {"real": who.first_real})

    trained = training.train(sent_back)

    assert (trained.columns["outcome"], trained.models) == ("did_not_converge", None)
    assert trained.columns["value_log_likelihood"] is None
    assert "no customer's repeat orders brought anything" in trained.columns["sentence"]


def test_parameters_that_predict_no_number_are_refused(monkeypatch):
    who = made(600, 6)
    orders, values = training.fit(who)
    endless = orders._replace(parameters=np.array([np.nan, 6.0, 0.6, 2.0]))
    monkeypatch.setattr(training, "fit", lambda customers: (endless, values))

    trained = training.train(who)

    assert (trained.columns["outcome"], trained.models) == ("did_not_converge", None)
    assert "predict no number of orders" in trained.columns["sentence"]
