#!/usr/bin/env bash
# Uses the console's HTTP API as a merchant: logs in, puts a return address and waits for the answer, reads a list page by page.
# Reads: DAIFA_CONSOLE        the console; http://127.0.0.1:8080
#        DAIFA_USER           a user who acts for one merchant
#        DAIFA_PASSWORD_FILE  a file with the password
#        DAIFA_TOKEN_FILE     instead of both: a file with a JWT of a merchant, for a system
# Exit: 0 when all went well.
set -euo pipefail

api=${DAIFA_CONSOLE:-http://127.0.0.1:8080}/api/v1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# json <expression of Python over the document d>, of standard input
json() { python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }

who=()
if [[ -n ${DAIFA_TOKEN_FILE:-} ]]; then
    # In a file, so that no process list shows the token.
    printf 'header = "Authorization: Bearer %s"\n' "$(<"$DAIFA_TOKEN_FILE")" >"$work/who"
    who=(--config "$work/who")
    shop=${DAIFA_SHOP:?name the token\'s shop in DAIFA_SHOP}
else
    python3 - "${DAIFA_USER:?name a user}" "${DAIFA_PASSWORD_FILE:?name a file with the password}" >"$work/login" <<'PYTHON'
import json, sys
with open(sys.argv[2], encoding="utf-8") as file:
    print(json.dumps({"user": sys.argv[1], "password": file.read().rstrip("\n")}))
PYTHON
    session=$(curl -sS --fail-with-body -c "$work/cookies" -H 'Content-Type: application/json' --data @"$work/login" "$api/session")
    # The cookie says who asks, the token that the request comes from one's own page and not from another's.
    who=(-b "$work/cookies" -H "X-CSRF-Token: $(json 'd["csrfToken"]' <<<"$session")")
    shop=$(json 'd["actors"][0]["actor"].split(":", 1)[1]' <<<"$session")
fi
echo "acting for the shop $shop"

# The key makes a repetition the same request: the same answer, and nothing happens twice.
key=$(cat /proc/sys/kernel/random/uuid)
printf '{"shopId":"%s","addressId":"example","kind":"return","name":"示例","phone":"13800138000","default":true,
    "address":{"country":"中国","province":"浙江省","city":"杭州市","district":"余杭区","detail":"示例路1号"}}' "$shop" >"$work/address"
curl -sS --fail-with-body "${who[@]}" -H 'Content-Type: application/json' -H "Idempotency-Key: $key" -H 'Prefer: wait=20' \
    --data @"$work/address" "$api/commands/binding/put-address" | json '"the command is", d["state"], [event["type"] for event in d["events"]]'

after=''
while :; do
    page=$(curl -sS --fail-with-body -G "${who[@]}" --data-urlencode limit=50 ${after:+--data-urlencode "after=$after"} "$api/orders")
    json '"\n".join(order["orderId"] + " " + order["state"] for order in d["items"])' <<<"$page"
    after=$(json 'd.get("next", "")' <<<"$page")
    [[ -n $after ]] || break
done
