#include <sqlite3.h>

// sqlite3_config is variadic, which Swift cannot call. Each connection here is one thread's, and nobody asks SQLite how
// much memory it holds: counting it would make every allocation of every thread wait at one lock.
static inline void popug_sqlite_configure(void) {
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
