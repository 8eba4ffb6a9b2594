public import Contracts
public import JSON
public import Machines

/// The part of a service that knows its tables and its secrets: `Runtime` keeps it up to date and hands it to decisions and effects, and
/// knows neither a row nor a key of it.
public protocol ServiceResources: AnyObject, Sendable {
    /// Groups of settings that it reads beside ``Configuration``.
    static var settingGroups: [any SettingGroup.Type] { get }

    /// Tables of which the service writes rows by itself, and not because of a decision; it reads them too.
    static func announced(by service: ServiceName) -> [Table]

    /// Makes what may be made of the files beside the store, and looks at all of them.
    /// - Parameters:
    ///   - storeWasEmpty: as the store was found.
    ///   - onlyLooks: makes nothing.
    /// - Throws: what is missing or wrong, with its variable.
    static func prepare(_ configuration: Configuration, storeWasEmpty: Bool, onlyLooks: Bool) throws(ConfigurationError)

    /// - Parameter configuration: of the process, with the groups of ``settingGroups``.
    init(_ environment: ServiceEnvironment, _ configuration: Configuration) throws(ConfigurationError)

    var tables: any Tables { get }
    var secrets: any SecretOpener { get }
    /// The settings that decisions may know.
    var settings: Settings { get }

    /// Takes a row of a table that the service reads, or a tombstone (nil).
    /// - Throws: why the row cannot be read: the last good one stays.
    func apply(_ table: Table, key: [UInt8], value: [UInt8]?) throws(JSONError)

    /// Reads again what may have changed beside the store; asked every few seconds.
    func refresh()

    /// Rows that the service has to write by itself, and that its tables do not show yet.
    func announcements() -> [Announcement]
}

extension ServiceResources {
    public static var settingGroups: [any SettingGroup.Type] { [] }
}

/// A row that a service writes by itself.
public struct Announcement: Sendable {
    public let row: any TableRow
    /// Tells it from earlier rows with the same key.
    public let version: Int

    public init(_ row: any TableRow, version: Int) {
        self.row = row
        self.version = version
    }

    var key: String { row.key }
    var type: String { Swift.type(of: row).type }
    var table: Table { Swift.type(of: row).table }
}

extension [Announcement] {
    /// For the log.
    var names: String { map { "\($0.type) \($0.key)" }.joined(separator: ", ") }
}
