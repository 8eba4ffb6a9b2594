/// The tables of `people.db`. Each step leads from one version of the schema to the next; a step that was released is never changed.
///
/// Times are milliseconds since 1970.
enum PeopleSchema {
    static let steps = [
        """
        CREATE TABLE users (
            user_id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, password TEXT, language TEXT NOT NULL,
            zone TEXT NOT NULL, created INTEGER NOT NULL, has_chosen INTEGER NOT NULL, issuer TEXT, subject TEXT
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX users_of_providers ON users (issuer, subject) WHERE issuer IS NOT NULL;
        CREATE TABLE memberships (
            user_id TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (user_id, actor)
        ) WITHOUT ROWID;
        CREATE INDEX memberships_of_actors ON memberships (actor);
        CREATE TABLE used_actors (actor TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE sequences (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE sessions (
            session_id TEXT PRIMARY KEY, token_hash BLOB NOT NULL UNIQUE, user_id TEXT NOT NULL, created INTEGER NOT NULL,
            last_used INTEGER NOT NULL, address TEXT NOT NULL, browser TEXT NOT NULL, csrf TEXT NOT NULL, is_provider INTEGER NOT NULL,
            ends INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX sessions_of_users ON sessions (user_id);
        CREATE INDEX sessions_by_end ON sessions (ends);
        CREATE INDEX sessions_by_use ON sessions (last_used);
        CREATE TABLE codes (
            hash BLOB PRIMARY KEY, purpose TEXT NOT NULL, actor TEXT, role TEXT, user_id TEXT, expires INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX codes_of_users ON codes (user_id);

        CREATE TABLE idempotency_keys (
            caller TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL, path TEXT NOT NULL, digest BLOB NOT NULL, id TEXT NOT NULL,
            at INTEGER NOT NULL, PRIMARY KEY (caller, actor, key)
        ) WITHOUT ROWID;
        CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at);
        CREATE TABLE commands (
            number INTEGER PRIMARY KEY AUTOINCREMENT, command_id TEXT NOT NULL UNIQUE, actor TEXT NOT NULL, user TEXT NOT NULL,
            service TEXT NOT NULL, command TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL,
            code TEXT, field TEXT, detail TEXT, details BLOB
        );
        CREATE INDEX commands_of_actors ON commands (actor, number);
        CREATE INDEX commands_of_actors_by_state ON commands (actor, state, number);
        CREATE INDEX commands_by_time ON commands (at);
        CREATE TABLE command_events (
            number INTEGER PRIMARY KEY, command INTEGER NOT NULL, event_id TEXT NOT NULL, event BLOB NOT NULL, UNIQUE (command, event_id)
        );
        CREATE TABLE batches (
            number INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL UNIQUE, actor TEXT NOT NULL, user TEXT NOT NULL,
            service TEXT NOT NULL, command TEXT NOT NULL, at INTEGER NOT NULL, retry_of TEXT, total INTEGER NOT NULL,
            accepted INTEGER NOT NULL, refused INTEGER NOT NULL
        );
        CREATE INDEX batches_of_actors ON batches (actor, number);
        CREATE INDEX batches_by_time ON batches (at);
        CREATE TABLE batch_items (
            batch INTEGER NOT NULL, position INTEGER NOT NULL, command_id TEXT NOT NULL UNIQUE, order_id TEXT, allocation_id TEXT,
            state TEXT NOT NULL, code TEXT, field TEXT, detail TEXT, PRIMARY KEY (batch, position)
        ) WITHOUT ROWID;
        CREATE INDEX batch_items_by_state ON batch_items (batch, state, position);
        CREATE TABLE imports (
            number INTEGER PRIMARY KEY AUTOINCREMENT, import_id TEXT NOT NULL UNIQUE, merchant TEXT NOT NULL, user TEXT NOT NULL,
            at INTEGER NOT NULL, state TEXT NOT NULL, counts BLOB NOT NULL, bad_rows INTEGER NOT NULL
        );
        CREATE INDEX imports_of_merchants ON imports (merchant, number);
        CREATE TABLE bad_rows (
            import INTEGER NOT NULL, position INTEGER NOT NULL, line INTEGER NOT NULL, order_number TEXT, field TEXT, reason TEXT NOT NULL,
            PRIMARY KEY (import, position)
        ) WITHOUT ROWID;
        """,
        """
        CREATE TABLE seen_stops (
            actor TEXT NOT NULL, allocation_id TEXT NOT NULL, stopped INTEGER NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (actor, allocation_id)
        ) WITHOUT ROWID;
        """,
        """
        ALTER TABLE sessions ADD COLUMN proven INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE selections (
            id TEXT PRIMARY KEY, actor TEXT NOT NULL, user TEXT NOT NULL, list TEXT NOT NULL, at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX selections_by_time ON selections (at);
        CREATE TABLE selected (
            selection TEXT NOT NULL, item TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (selection, item)
        ) WITHOUT ROWID;
        CREATE INDEX selected_by_place ON selected (selection, place);
        ALTER TABLE users ADD COLUMN seen INTEGER;
        ALTER TABLE bad_rows ADD COLUMN fault TEXT;
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, actor TEXT NOT NULL, user TEXT, about TEXT NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX audit_by_type ON audit (type, number);
        CREATE INDEX audit_by_user ON audit (user, number);
        CREATE INDEX audit_by_time ON audit (at);
        """,
        """
        ALTER TABLE commands ADD COLUMN topic TEXT;
        ALTER TABLE commands ADD COLUMN part INTEGER;
        ALTER TABLE commands ADD COLUMN place INTEGER;
        """,
    ]
}
