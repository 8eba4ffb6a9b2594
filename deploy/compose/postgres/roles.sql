-- One role and one database for each service; a role sees no other's. Passwords are files that psql reads.
\set ON_ERROR_STOP on
\set password `cat /run/daifa/authorization.password`
CREATE ROLE daifa_authorization LOGIN PASSWORD :'password';
CREATE DATABASE daifa_authorization OWNER daifa_authorization ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE daifa_authorization FROM PUBLIC;
\set password `cat /run/daifa/binding.password`
CREATE ROLE daifa_binding LOGIN PASSWORD :'password';
CREATE DATABASE daifa_binding OWNER daifa_binding ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE daifa_binding FROM PUBLIC;
\set password `cat /run/daifa/allocation.password`
CREATE ROLE daifa_allocation LOGIN PASSWORD :'password';
CREATE DATABASE daifa_allocation OWNER daifa_allocation ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE daifa_allocation FROM PUBLIC;
\set password `cat /run/daifa/waybill.password`
CREATE ROLE daifa_waybill LOGIN PASSWORD :'password';
CREATE DATABASE daifa_waybill OWNER daifa_waybill ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE daifa_waybill FROM PUBLIC;
\set password `cat /run/daifa/shipping.password`
CREATE ROLE daifa_shipping LOGIN PASSWORD :'password';
CREATE DATABASE daifa_shipping OWNER daifa_shipping ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE daifa_shipping FROM PUBLIC;
