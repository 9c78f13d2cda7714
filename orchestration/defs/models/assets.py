"""Train when it is due, score every customer, write both to the ``ml`` tables."""

from collections.abc import Iterator

import dagster as dg

from orchestration.resources.run import CopilotRun, readable_failures

_FEATURES = [
    dg.AssetKey(["features", "ftr_account_snapshot"]),
    dg.AssetKey(["features", "ftr_account_outcome"]),
    dg.AssetKey(["marts", "fct_account_health"]),
    dg.AssetKey(["marts", "dim_account"]),
]
_PRODUCT_FEATURES = [
    *_FEATURES,
    *(
        dg.AssetKey(["features", name])
        for name in (
            "ftr_account_product_snapshot",
            "ftr_account_upsell_snapshot",
            "ftr_account_growth",
        )
    ),
    dg.AssetKey(["marts", "fct_account_health_trouble"]),
]
_CONTRACTS = [
    dg.AssetKey(["features", name])
    for name in (
        "ftr_account_chain",
        "ftr_account_contract",
        "ftr_account_renewal",
        "ftr_renewal_outcome",
    )
]
_GROUP = "models"


@dg.asset(key=["ml", "churn_model"], deps=_FEATURES, group_name=_GROUP, kinds={"scikitlearn"})
def churn_model(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Train the churn model if it is due."""
    from ml.churn import train  # noqa: PLC0415  scikit-learn costs seconds to import

    with readable_failures():
        if not train.is_due(run.warehouse, run.settings, run.as_of_date):
            run.say("churn model: not due, the last one stands")
            return dg.MaterializeResult(metadata={"trained": False})
        model_run = train.train(run.warehouse, run.settings, run.as_of_date, progress=run.say)
    run.say(f"churn model: {model_run.verdict} - {model_run.verdict_reason}")
    return dg.MaterializeResult(
        metadata={"model_version": model_run.model_version, "verdict": model_run.verdict}
    )


@dg.asset(key=["ml", "churn_score"], deps=[churn_model, *_FEATURES], group_name=_GROUP)
def churn_score(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Score every customer's churn at the run's date."""
    from ml.churn import score  # noqa: PLC0415

    with readable_failures():
        result = score.score(run.warehouse, run.settings, run.as_of_date)
    basis = ", ".join(sorted(set(result.basis.values())))
    run.say(f"churn scores: {result.published} published on the basis of the {basis}")
    return dg.MaterializeResult(metadata={"published": result.published, "basis": basis})


class BacktestConfig(dg.Config):
    """How far back to look.

    Parameters
    ----------
    months : int
        How many monthly call lists to make again.
    """

    months: int = 12


@dg.asset(
    key=["ml", "backtest_run"],
    deps=[*_FEATURES, dg.AssetKey(["marts", "fct_account_health_measure"])],
    group_name=_GROUP,
)
def backtest_run(run: CopilotRun, config: BacktestConfig) -> dg.MaterializeResult[None]:
    """Make last year's call lists again with what was known then, and judge them."""
    from ml.churn import replay  # noqa: PLC0415

    with readable_failures():
        found = replay.backtest(
            run.warehouse, run.settings, run.as_of_date, config.months, progress=run.say
        )
    return dg.MaterializeResult(metadata={"lists": len(found.lists), "note": found.note})


@dg.asset(
    key=["ml", "opportunity_model"],
    deps=_PRODUCT_FEATURES,
    group_name=_GROUP,
    kinds={"scikitlearn"},
)
def opportunity_model(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Train the upsell and cross-sell models if they are due."""
    from ml.opportunity import train  # noqa: PLC0415

    with readable_failures():
        if not train.is_due(run.warehouse, run.settings, run.as_of_date):
            run.say("opportunity models: not due, the last ones stand")
            return dg.MaterializeResult(metadata={"trained": False})
        model_runs = train.train(run.warehouse, run.settings, run.as_of_date, progress=run.say)
    for model_run in model_runs:
        run.say(f"{model_run.model_name} model: {model_run.verdict} - {model_run.verdict_reason}")
    return dg.MaterializeResult(metadata={run.model_name: run.verdict for run in model_runs})


@dg.asset(
    key=["ml", "model_registry"],
    deps=[churn_model, opportunity_model],
    group_name=_GROUP,
    kinds={"mlflow"},
)
def model_registry(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Show in MLflow what was trained and decided; no score waits for it."""
    from ml.common import tracking  # noqa: PLC0415

    with readable_failures():
        decisions = tracking.register(run.warehouse)
    if decisions:
        run.say(f"MLflow: {decisions} decisions on models registered")
    return dg.MaterializeResult(metadata={"decisions": decisions})


@dg.asset(
    key=["ml", "opportunity_score"],
    deps=[opportunity_model, churn_score, *_PRODUCT_FEATURES],
    group_name=_GROUP,
)
def opportunity_score(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Score every customer's propensity to buy more at the run's date."""
    from ml.opportunity import score  # noqa: PLC0415

    with readable_failures():
        result = score.score(run.warehouse, run.settings, run.as_of_date)
    run.say(f"opportunity scores: {result.published} published")
    return dg.MaterializeResult(metadata={"published": result.published})


@dg.asset(
    key=["ml", "model_monitor"],
    deps=[opportunity_score, *_PRODUCT_FEATURES],
    group_name=_GROUP,
)
def model_monitor(run: CopilotRun) -> dg.MaterializeResult[None]:
    """Measure whether inputs drifted or calibration slipped; an alarm makes training due."""
    from ml.churn import watch as churn  # noqa: PLC0415
    from ml.opportunity import watch as opportunity  # noqa: PLC0415

    with readable_failures():
        figures = [
            figure
            for watched in (churn, opportunity)
            for figure in watched.watch(run.warehouse, run.settings, run.as_of_date)
        ]
    flagged = [figure.text for figure in figures if figure.is_flagged]
    run.say(f"model monitors: {len(figures)} figures, {len(flagged)} beyond what matters")
    return dg.MaterializeResult(metadata={"figures": len(figures), "flagged": len(flagged)})


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            ["ml", name],
            deps=[churn_score, opportunity_score, *_CONTRACTS],
            group_name=_GROUP,
            kinds={"lifelines"},
        )
        for name in ("renewal_forecast", "account_value")
    ]
)
def renewal_and_value(run: CopilotRun) -> Iterator[dg.MaterializeResult[None]]:
    """Foretell every renewal and each customer's lifetime value, in agreement with churn."""
    from ml.value import score  # noqa: PLC0415

    with readable_failures():
        result = score.score(run.warehouse, run.settings, run.as_of_date)
    run.say(
        f"value: {result.renewals} renewals and {result.customers} customers, by a {result.basis}"
        f" hazard from {result.ends} ends"
    )
    for name, count in (("renewal_forecast", result.renewals), ("account_value", result.customers)):
        yield dg.MaterializeResult(
            asset_key=["ml", name], metadata={"rows": count, "basis": result.basis}
        )
