#include "CNSS.h"
#include <nss.h>
int daifa_nss_version_ok(void) { return NSS_VersionCheck(NSS_VERSION); }
