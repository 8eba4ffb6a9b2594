"""What `check` looks at in an overlay beyond what the API server refuses; for it alone.

The server drops fields in silence whose feature is off, and KEDA's resource knows no trigger's settings: both are compared here.
"""

import json
import subprocess
import sys

name, rendered, served = sys.argv[1:]
faults = []


def documents(path):
    text = subprocess.run(
        [f"{__import__('os').environ['KUBERNETES_TOOLS']}/kubernetes/kubectl", "create", "--dry-run=client", "--validate=false", "-o", "json", "-f", path],
        check=True, capture_output=True, text=True).stdout
    decoder, found, index = json.JSONDecoder(), [], 0
    while index < len(text.rstrip()):
        while text[index].isspace():
            index += 1
        one, index = decoder.raw_decode(text, index)
        found += one.get("items", [one])
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def lost(sent, got, path):
    """What was sent and is not there as it was sent. Lists keep their order; quantities and names of fields are the server's as ours."""
    if isinstance(sent, dict):
        for key, value in sent.items():
            if value is None or key in ("creationTimestamp", "status"):
                continue
            if not isinstance(got, dict) or key not in got:
                if value not in ({}, [], "", 0, False):
                    faults.append(f"{path}.{key} was dropped")
            else:
                lost(value, got[key], f"{path}.{key}")
    elif isinstance(sent, list):
        if not isinstance(got, list) or len(sent) != len(got):
            faults.append(f"{path}: {sent} became {got}")
        else:
            for index, (one, other) in enumerate(zip(sent, got)):
                lost(one, other, f"{path}[{index}]")
    elif sent != got:
        faults.append(f"{path}: {sent} became {got}")


ours, theirs = documents(rendered), {(one["kind"], one["metadata"]["name"]): one for one in json.load(open(served))["items"]}
for key, document in ours.items():
    for part in ("spec", "data"):
        if part in document:
            lost(document[part], theirs.get(key, {}).get(part), f"{key[0]} {key[1]}: {part}")

services = ["authorization", "binding", "allocation", "waybill", "shipping"]
for key, document in ours.items():
    if key[0] not in ("StatefulSet", "Job"):
        continue
    pod = document["spec"]["template"]["spec"]
    if not pod["securityContext"]["runAsNonRoot"] or pod["securityContext"]["runAsUser"] != 10001:
        faults.append(f"{key}: runs as another user than 10001")
    for container in pod["containers"]:
        security = container["securityContext"]
        if security["allowPrivilegeEscalation"] or not security["readOnlyRootFilesystem"] or security["capabilities"] != {"drop": ["ALL"]}:
            faults.append(f"{key}: {container['name']} has rights that it does not need")
        mounts, volumes = {mount["name"] for mount in container["volumeMounts"]}, {volume["name"] for volume in pod["volumes"]}
        if mounts - volumes:
            faults.append(f"{key}: {mounts - volumes} are mounted and not there")
        for variable in container.get("env", []):
            if "PASSWORD" in variable["name"] and not variable["name"].endswith("_FILE"):
                faults.append(f"{key}: {variable['name']} is a secret in the environment")

known = {"bootstrapServers", "consumerGroup", "lagThreshold", "activationLagThreshold", "offsetResetPolicy", "allowIdleConsumers"}
scaled = [document for key, document in ours.items() if key[0] == "ScaledObject"]
partitions = int(ours[("ConfigMap", "daifa")]["data"]["DAIFA_PARTITIONS"])
for document in scaled:
    spec, target = document["spec"], document["spec"]["scaleTargetRef"]["name"]
    if target not in services or ("StatefulSet", target) not in ours:
        faults.append(f"ScaledObject {target}: there is no such service")
    elif "replicas" in ours[("StatefulSet", target)]["spec"]:
        faults.append(f"StatefulSet {target}: its replicas are KEDA's")
    if not 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= partitions:
        faults.append(f"ScaledObject {target}: from {spec['minReplicaCount']} to {spec['maxReplicaCount']} replicas of {partitions} shards")
    for trigger in spec["triggers"]:
        metadata = trigger["metadata"]
        if trigger["type"] != "kafka" or set(metadata) - known or metadata["consumerGroup"] != f"daifa-{target}" or int(metadata["lagThreshold"]) < 1:
            faults.append(f"ScaledObject {target}: {trigger}")
        if metadata["bootstrapServers"] != ours[("ConfigMap", "daifa")]["data"]["KAFKA_BOOTSTRAP_SERVERS"]:
            faults.append(f"ScaledObject {target}: asks other brokers than the services")

print("\n".join(f"{name}: {fault}" for fault in faults) or f"{name}: {len(ours)} resources accepted as they are, {len(scaled)} scaled by lag")
sys.exit(1 if faults else 0)
