"""Start Pipedrive's connector, which by itself fails on Python 3.11 and newer.

Its `NullCheckedDpathExtractor` is a dataclass whose default is a decoder of the CDK. Since 3.11
dataclasses refuse a default that cannot be hashed, and the CDK's decoders cannot. Run by the
connector's own Python.
"""

import importlib
import sys

decoders = importlib.import_module("airbyte_cdk.sources.declarative.decoders.decoder")
decoders.Decoder.__hash__ = object.__hash__

if __name__ == "__main__":
    sys.exit(importlib.import_module("source_pipedrive.run").run())
