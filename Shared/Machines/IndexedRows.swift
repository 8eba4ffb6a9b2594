/// A table's rows by their key, and those that have a name in common.
struct IndexedRows<Row: Sendable>: Sendable {
    private let names: @Sendable (Row) -> [String]
    private var rows: [String: Row] = [:]
    private var keys: [String: Set<String>] = [:]

    /// - Parameter names: under which a row is found.
    init(_ names: @escaping @Sendable (Row) -> [String]) { self.names = names }

    /// nil: there is none, or no more.
    subscript(key: String) -> Row? {
        get { rows[key] }
        set {
            for name in rows[key].map(names) ?? [] {
                keys[name]?.remove(key)
                if keys[name]?.isEmpty == true { keys[name] = nil }
            }
            rows[key] = newValue
            for name in newValue.map(names) ?? [] { keys[name, default: []].insert(key) }
        }
    }

    /// Those of a name, in no order.
    func rows(_ name: String) -> [Row] { (keys[name] ?? []).compactMap { rows[$0] } }
}
