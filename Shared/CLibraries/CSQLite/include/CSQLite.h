#pragma once
#include <sqlite3.h>
#include <stddef.h>

/* What Swift cannot call: the variadic sqlite3_config, and binding with the cast constant SQLITE_STATIC. */

/* Switches off SQLite's memory statistics (a process-wide mutex taken at each allocation). Call before the first open. */
int daifa_sqlite_configure(void);

/* Bind without a copy: the bytes must stay where they are until the statement is reset. A NULL pointer binds an empty value. */
int daifa_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, size_t count);
int daifa_sqlite_bind_text(sqlite3_stmt *statement, int index, const void *utf8, size_t count);
