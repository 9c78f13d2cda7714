"""Great Expectations on raw tables, scores and outbound rows, as blocking asset checks."""

import dagster as dg

from connectors.sources.registry import stream_names
from data_contracts.check import check_contract, contract_names
from data_contracts.contract import PUBLISH
from orchestration.resources.run import CopilotRun, readable_failures
from warehouse.settings import CRMS, load_settings

_SHOWN = 20
OUTPUTS = {"scores": dg.AssetKey(["ml", "account_value"])} | {
    f"{PUBLISH}{crm}": dg.AssetKey(["publish", f"sync_{crm}_account"]) for crm in CRMS
}


def build_contract_check(contract: str, asset_key: dg.AssetKey) -> dg.AssetChecksDefinition:
    """Return the blocking check of one contract, hung on the asset it guards."""

    @dg.asset_check(asset=asset_key, name=f"contract_{contract}", blocking=True)
    def check(run: CopilotRun) -> dg.AssetCheckResult:
        with readable_failures():
            result = check_contract(run.warehouse, contract, as_of=run.as_of_date)
        broken = f"{len(result.lines)} rule(s) BROKEN"
        run.say(f"contract {contract}: {'kept' if result.success else broken}")
        for line in (*result.lines[:_SHOWN], *result.warnings):
            run.say(f"  {line}")
        return dg.AssetCheckResult(
            passed=result.success,
            description="\n".join(result.lines),
            metadata={"broken": len(result.lines), "absent": ", ".join(result.absent)},
        )

    return check


def _guarded_asset(contract: str) -> dg.AssetKey:
    if contract in OUTPUTS:
        return OUTPUTS[contract]
    return dg.AssetKey([contract, stream_names(contract.removeprefix("raw_"))[0]])


_settings = load_settings()
contract_checks = [
    build_contract_check(name, _guarded_asset(name)) for name in contract_names(_settings)
]
