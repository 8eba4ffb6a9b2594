"""What people do with the console of a whole system.

    journey.py <file with the line of `daifa up --json`> <folder for evidence> [part...]

One line for each step; after a failure each person's screenshot and page are left."""

import concurrent.futures
import json
import sys
import time
import traceback

from accounts import Accounts
from eyes import Failed
from guide_channels import MerchantChannel
from guide_factory import FactoryGuide
from guide_warehouse import WarehouseGuide
from many import Many
from nasty import Nasty
from outage import Outage
from pages import Pages
from printing import Printing
from world import World

# The first makes the operator whom the others need; the longest begin first.
FIRST = "accounts"
PARTS = {
    FIRST: lambda world: Accounts(world),
    "many": lambda world: Many(world),
    "nasty": lambda world: Nasty(world),
    "pages-in-zh": lambda world: Pages(world, ["m", "f"], ["zh"]),
    "pages-in-vi": lambda world: Pages(world, ["m", "f"], ["vi"]),
    "pages-in-en": lambda world: Pages(world, ["m", "f"], ["en"]),
    "factory-by-keys": lambda world: FactoryGuide(world, hand="keys"),
    "factory-without-script": lambda world: FactoryGuide(world, width=390, has_script=False),
    "factory": lambda world: FactoryGuide(world),
    "warehouse-by-keys": lambda world: WarehouseGuide(world, mode="standard", hand="keys"),
    "warehouse-without-script": lambda world: WarehouseGuide(world, subscribes=False, has_script=False),
    "warehouse": lambda world: WarehouseGuide(world, width=390),
    "pages-of-operators": lambda world: Pages(world, ["o", ""], ["zh", "vi", "en"]),
    "printing": lambda world: Printing(world),
    "channel": lambda world: MerchantChannel(world),
    "outage": lambda world: Outage(world),
}
# Takes Kafka away from everybody: after the others.
LAST = "outage"
# Each has a browser or two beside the services.
AT_ONCE = 2


def walk(name, world):
    """True when all its steps passed."""
    part = PARTS[name](world)
    step = None
    try:
        for step in part.steps():
            began = time.monotonic()
            step()
            print(f"ok   {name}: {step.__name__.replace('_', ' ')} ({time.monotonic() - began:.1f} s)", flush=True)
        return True
    except Exception as error:
        for person in part.people:
            person.leave_evidence(world.evidence / name)
        told = str(error) if isinstance(error, Failed) else traceback.format_exc()
        print(f"FAIL {name}: {step and step.__name__.replace('_', ' ')}: evidence in {world.evidence / name}\n{told}", flush=True)
        return False
    finally:
        for person in part.people:
            person.close()
        if hasattr(part, "close"):
            part.close()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        world = World(json.loads(file.readline()), sys.argv[2])
    names = sys.argv[3:] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    began = time.monotonic()
    # Without an operator nobody else gets in.
    if FIRST in names and not walk(FIRST, world):
        sys.exit(1)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as workers:
        results = list(workers.map(lambda name: walk(name, world), [name for name in names if name not in (FIRST, LAST)]))
    if LAST in names:
        results.append(walk(LAST, world))
    print(f"{results.count(True) + (FIRST in names)} of {len(names)} parts passed in {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
