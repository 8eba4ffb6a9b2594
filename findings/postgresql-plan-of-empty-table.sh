#!/usr/bin/env bash
# Guess: a prepared `… FROM unnest($1) k JOIN t ON t.part = $2 AND t.name = k` looks each name up in the primary key (part, name) for as long
# as it is kept, and where the planner chose otherwise for an empty table, forbidding sequential scans and hash and merge joins helps.
# Truth: the plan made while the table was empty reads all rows of the part (a hash join), and is kept until statistics change, whatever the
# table grows to; without those scans and joins it reads them all as well, into a nested loop's Materialize. LATERAL with LIMIT 1 looks up.
# Version: PostgreSQL 15.18 (postgresql-15 15.18-0+deb12u1 of Debian 12).
set -euo pipefail

folder=$(mktemp -d)
user=()
((EUID)) || user=(setpriv --reuid nobody --regid nogroup --clear-groups)
run() { (cd / && ${user[@]+"${user[@]}"} env LD_LIBRARY_PATH="$libraries" LC_ALL=C "$bin/$1" "${@:2}"); }
trap 'run pg_ctl -D "$folder/data" -m immediate -s stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
cd "$folder"
# What the machine has of these is used in the packages' place only for what they themselves need (OpenSSL, LDAP, ICU …).
for package in postgresql-15=15.18-0+deb12u1 postgresql-client-15=15.18-0+deb12u1 libpq5=15.18-0+deb12u1; do
    echo "package: $package"
    apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq; apt-get download -qq "$package"; }
done
for file in *.deb; do dpkg -x "$file" root; done
bin=$folder/root/usr/lib/postgresql/15/bin
libraries=$(dirname "$(find root -name libpq.so.5 -printf "$folder/%p")")
((EUID)) || chown nobody "$folder"
chmod 0755 "$folder"

run initdb -D "$folder/data" -U postgres --auth=trust --no-sync >/dev/null
run pg_ctl -D "$folder/data" -o "-c listen_addresses= -c unix_socket_directories=$folder -c autovacuum=off" -l "$folder/log" -w -s start
run psql -X -At -h "$folder" -U postgres -d postgres -c 'SHOW server_version' | sed 's/^/server: /'

cat >"$folder/try.sql" <<'SQL'
SET plan_cache_mode = force_generic_plan;
CREATE TABLE t(part bigint, name text, PRIMARY KEY (part, name));
PREPARE joined(text[], bigint) AS SELECT t.name FROM unnest($1) k JOIN t ON t.part = $2 AND t.name = k;
PREPARE looked(text[], bigint) AS
    SELECT t.name FROM unnest($1) k CROSS JOIN LATERAL (SELECT name FROM t WHERE part = $2 AND name = k LIMIT 1) t;
EXECUTE joined('{n9999}', 0);
EXECUTE looked('{n9999}', 0);
INSERT INTO t SELECT 0, 'n' || i FROM generate_series(1, 50000) i;
\echo joined
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE joined('{n9999}', 0);
\echo looked
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE looked('{n9999}', 0);
DEALLOCATE joined;
TRUNCATE t;
SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
PREPARE joined(text[], bigint) AS SELECT t.name FROM unnest($1) k JOIN t ON t.part = $2 AND t.name = k;
EXECUTE joined('{n9999}', 0);
INSERT INTO t SELECT 0, 'n' || i FROM generate_series(1, 50000) i;
\echo forbidden
EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) EXECUTE joined('{n9999}', 0);
SQL
chmod a+r "$folder/try.sql"
run psql -X -q -At -h "$folder" -U postgres -d postgres -f "$folder/try.sql" | tee "$folder/said"

# Rows that the scan of t gave, in each of the three.
mapfile -t rows < <(awk '/^(joined|looked|forbidden)$/ { name = $0 } / on t / { if (match($0, /rows=[0-9]+/)) print name, substr($0, RSTART + 5, RLENGTH - 5) }' "$folder/said")
printf 'rows read: %s\n' "${rows[@]}"
[[ ${rows[*]} == "joined 50000 looked 1 forbidden 50000" ]]
