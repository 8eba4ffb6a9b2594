import Stores

/// The tables of the file. Orders are kept as one record each; what lists are ordered and filtered by follows from the records, and is kept in
/// memory (``Lists``).
///
/// What a batch changes lies together: rows have numbers in the order in which they come, and no index has a hash in front, which would make
/// each row another page to write. `over`: nothing more is expected of the order, or it never was allocation's. `history` only grows: of an
/// order, each row names the one before. `texts` has the numbers of orders and parcels, other than orders' ids. `causes` has a row for each
/// batch, with the commands that its messages are or come from, and the orders that they are about.
enum ModelSchema {
    /// A file of another version is emptied and fills itself again.
    static let version = 3

    static let tables = """
        CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS positions (
            topic TEXT NOT NULL, part INTEGER NOT NULL, next INTEGER NOT NULL, first INTEGER NOT NULL, since INTEGER NOT NULL,
            PRIMARY KEY (topic, part)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS names (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

        CREATE TABLE IF NOT EXISTS orders (
            n INTEGER PRIMARY KEY, id TEXT NOT NULL, last INTEGER NOT NULL, over INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS orders_id ON orders (id);
        CREATE TABLE IF NOT EXISTS history (n INTEGER PRIMARY KEY, before INTEGER, body BLOB NOT NULL);

        CREATE TABLE IF NOT EXISTS stops (
            factory INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (factory, at, id)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS texts (
            scope INTEGER NOT NULL, text TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (scope, text, n)) WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS items (
            n INTEGER PRIMARY KEY, list INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, shown INTEGER NOT NULL,
            owners TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (list, id));
        CREATE TABLE IF NOT EXISTS owners (
            list INTEGER NOT NULL, owner TEXT NOT NULL, rank INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (list, owner, rank, id)
            ) WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS causes (n INTEGER PRIMARY KEY, last INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS messages (
            n INTEGER PRIMARY KEY, key INTEGER NOT NULL, last INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS messages_key ON messages (key);

        CREATE TABLE IF NOT EXISTS letters (
            n INTEGER PRIMARY KEY, key INTEGER NOT NULL, service INTEGER NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS letters_key ON letters (key);
        CREATE INDEX IF NOT EXISTS letters_service ON letters (service, at, key);
        """
}

/// Numbers of states and lists.
enum Code {
    static func of(_ state: OrderStateName) -> Int {
        switch state {
        case .held: 0
        case .open: 1
        case .partly: 2
        case .allocated: 3
        case .ready: 4
        case .shipped: 5
        case .cancelled: 6
        }
    }

    static func of(_ state: ParcelStateName) -> Int {
        switch state {
        case .open: 0
        case .obtained: 1
        case .printed: 2
        case .returned: 3
        case .shipped: 4
        case .voided: 5
        }
    }

    /// Orders of a merchant and parcels of a factory are lists of their own.
    static func orders(of shop: Int) -> Int { shop * 2 }
    static func parcels(of shop: Int) -> Int { shop * 2 + 1 }
}
