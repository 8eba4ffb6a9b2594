#include "CSQLite.h"

int daifa_sqlite_configure(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

int daifa_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, size_t count) {
    return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_STATIC);
}

int daifa_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *utf8, size_t count) {
    return sqlite3_bind_text64(statement, index, utf8 ? utf8 : "", count, SQLITE_STATIC, SQLITE_UTF8);
}
