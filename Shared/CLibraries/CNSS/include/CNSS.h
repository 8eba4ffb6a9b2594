#pragma once
/* The shim hides NSS: its headers need include folders that a Swift importer does not have. */
int daifa_nss_version_ok(void);
