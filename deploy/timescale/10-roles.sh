#!/bin/sh
# At the database's first start: the product owns its database and is no superuser; the boards have a login that may
# read the views of schema g and nothing else.
set -eu
anxin_password=$(cat /run/secrets/database_password)
grafana_password=$(cat /run/secrets/grafana_database_password)
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v anxin_password="$anxin_password" -v grafana_password="$grafana_password" \
    -v console_url="$ANXIN_CONSOLE_URL" <<'SQL'
CREATE ROLE anxin LOGIN PASSWORD :'anxin_password';
ALTER DATABASE anxin OWNER TO anxin;
ALTER DATABASE anxin SET anxin.console_url = :'console_url';
CREATE EXTENSION IF NOT EXISTS timescaledb;
CREATE ROLE grafana_ro NOLOGIN;
CREATE ROLE grafana LOGIN PASSWORD :'grafana_password' IN ROLE grafana_ro;
ALTER ROLE grafana SET default_transaction_read_only = on;
ALTER ROLE grafana SET statement_timeout = '10s';
SQL
