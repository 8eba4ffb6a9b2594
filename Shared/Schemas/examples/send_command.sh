#!/usr/bin/env bash
# Removes a return address of a shop by a command and prints the answer's headers and data. Needs kcat.
#   send_command.sh <shopId> [addressId]
# Reads: KAFKA_BOOTSTRAP_SERVERS  the brokers; 127.0.0.1:9092
#        DAIFA_TOKEN_FILE         where DAIFA_AUTH=required: a file with a JWT of the merchant
# Exit: 0 with an answer, 1 without one within half a minute.
set -euo pipefail

shop=${1:?name the shop id}
address=${2:-example}
brokers=${KAFKA_BOOTSTRAP_SERVERS:-127.0.0.1:9092}
id=$(cat /proc/sys/kernel/random/uuid)
headers=(-H ce_specversion=1.0 -H "ce_id=$id" -H ce_source=/example/kcat -H ce_type=daifa.binding.remove-address.v1
    -H "ce_subject=$shop" -H "ce_actor=merchant:$shop" -H content-type=application/json)
[[ -z ${DAIFA_TOKEN_FILE:-} ]] || headers+=(-H "authorization=Bearer $(<"$DAIFA_TOKEN_FILE")")

# Without this partitioner the command lies in another partition than the shop's other commands, and is carried over.
printf '{"shopId":"%s","addressId":"%s"}' "$shop" "$address" |
    kcat -P -b "$brokers" -t daifa.binding.commands -k "$shop" -X partitioner=murmur2_random -X acks=all "${headers[@]}"

for _ in $(seq 30); do
    answer=$(kcat -C -q -e -b "$brokers" -t daifa.binding.events -o beginning -X isolation.level=read_committed -f '%h %s\n' |
        grep -F "ce_causationid=$id" || true)
    if [[ -n $answer ]]; then
        echo "$answer"
        exit 0
    fi
    sleep 1
done
echo "there is no answer to $id yet; do not send it again under another id" >&2
exit 1
