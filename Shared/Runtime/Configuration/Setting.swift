public import Contracts

/// One setting: its variable, which processes read it, how its text is read, its default and what it means.
///
/// Parsing, `--help` and the table in `deploy/SETTINGS.md` come from one list of each group, ``SettingGroup/table``.
public struct Setting<Group: SettingGroup>: Sendable {
    public let name: String
    /// A process ignores what is none of its settings: a secret's file need not be there for those that do not use it.
    public let processes: Set<ServiceName>
    /// Its meaning, in few words.
    public let help: String
    /// The default as people read it, by process.
    public let standard: @Sendable (ServiceName) -> String
    /// Whether it names a file with secrets.
    let isSecretFile: Bool
    /// Reads a text that is not empty.
    let apply: @Sendable (_ text: String, inout Group) throws(SettingFault) -> Void

    /// A setting that has a default.
    /// - Parameter standard: as people read it; nil: the value that the group has by itself.
    public init<Value: Sendable>(
        _ name: String, _ path: any WritableKeyPath<Group, Value> & Sendable, _ kind: SettingKind<Value>,
        of processes: Set<ServiceName> = SettingReaders.everybody, standard: String? = nil, _ help: String
    ) {
        self.name = name
        self.processes = processes
        self.help = help
        self.standard = { service in standard ?? kind.text(Group(defaultsOf: service)[keyPath: path]) }
        isSecretFile = kind.isSecretFile
        apply = { (text, group) throws(SettingFault) in group[keyPath: path] = try kind.read(text) }
    }

    /// A setting that is missing unless somebody sets it.
    public init<Value: Sendable>(
        _ name: String, optional path: any WritableKeyPath<Group, Value?> & Sendable, _ kind: SettingKind<Value>,
        of processes: Set<ServiceName> = SettingReaders.everybody, standard: String = "none", _ help: String
    ) {
        self.name = name
        self.processes = processes
        self.help = help
        self.standard = { _ in standard }
        isSecretFile = kind.isSecretFile
        apply = { (text, group) throws(SettingFault) in group[keyPath: path] = try kind.read(text) }
    }
}

/// Sets of processes that read a setting.
public enum SettingReaders {
    public static let everybody = Set(ServiceName.allCases)
    public static let services = Set(ServiceName.domainServices)
}

/// Settings that belong together, and their values in one process.
public protocol SettingGroup: Sendable {
    /// All its settings, in the order in which people read them.
    static var table: [Setting<Self>] { get }

    /// The values where nothing is set.
    init(defaultsOf service: ServiceName)

    /// Derives what follows from several settings, and checks that they fit together.
    mutating func complete() throws(ConfigurationError)
}

extension SettingGroup {
    public mutating func complete() throws(ConfigurationError) {}

    /// Reads the settings of a process. An empty variable counts as one that is not set.
    /// - Returns: the variables that name files with secrets, and those files.
    /// - Throws: the first setting that is wrong, by name.
    mutating func read(
        _ environment: [String: String], of service: ServiceName
    ) throws(ConfigurationError) -> [(variable: String, path: String)] {
        var files: [(variable: String, path: String)] = []
        for setting in Self.table where setting.processes.contains(service) {
            guard let text = environment[setting.name], !text.isEmpty else { continue }
            do throws(SettingFault) { try setting.apply(text, &self) } catch {
                throw ConfigurationError("\(setting.name): \(error.reason)")
            }
            if setting.isSecretFile { files.append((setting.name, text)) }
        }
        try complete()
        return files
    }
}

/// Why a text is no value of a setting, to be said behind the setting's name.
public struct SettingFault: Error {
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
}

/// How the text of a setting is read and written.
public struct SettingKind<Value: Sendable>: Sendable {
    let read: @Sendable (_ text: String) throws(SettingFault) -> Value
    let text: @Sendable (Value) -> String
    var isSecretFile = false

    public init(
        text: @escaping @Sendable (Value) -> String, read: @escaping @Sendable (_ text: String) throws(SettingFault) -> Value
    ) {
        self.read = read
        self.text = text
    }

    /// - Parameter expectation: behind "expected".
    public init(_ expectation: String, text: @escaping @Sendable (Value) -> String, parse: @escaping @Sendable (_ text: String) -> Value?) {
        self.init(text: text) { (given) throws(SettingFault) in
            guard let value = parse(given) else { throw SettingFault("expected \(expectation), not \"\(given)\"") }
            return value
        }
    }
}

extension SettingKind where Value: FixedWidthInteger {
    public static func number(_ range: ClosedRange<Value>) -> SettingKind {
        SettingKind("a whole number from \(range.lowerBound) to \(range.upperBound)", text: { "\($0)" }) { text in
            Value(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension SettingKind<Int> {
    private static let units: [(name: String, seconds: Int)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
    private static let longest = 3650 * 86_400

    /// Seconds, or a number with `s`, `m`, `h` or `d`; "7 days" as the contract writes it is read too.
    /// - Parameter zero: whether 0 is a length too.
    public static func duration(zero: Bool = false) -> SettingKind {
        SettingKind(
            "seconds, or a number with s, m, h or d (for example 7d), at most ten years",
            text: { seconds in
                let unit = units.first { seconds % $0.seconds == 0 } ?? ("s", 1)
                return seconds == 0 ? "0" : "\(seconds / unit.seconds)\(unit.name)"
            },
            parse: { text in
                let digits = text.prefix { $0.isASCII && $0.isNumber }
                let name = String(text.dropFirst(digits.count).drop { $0 == " " })
                let unit = name.isEmpty ? 1 : name == "days" ? 86_400 : units.first { $0.name == name }?.seconds
                guard let value = Int(digits), value > (zero ? -1 : 0), let unit, value <= longest / unit else { return nil }
                return value * unit
            })
    }
}

extension SettingKind<Double> {
    public static func seconds(_ range: ClosedRange<Double>) -> SettingKind {
        SettingKind("seconds from \(plain(range.lowerBound)) to \(plain(range.upperBound))", text: plain) { text in
            Double(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    @Sendable private static func plain(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
}

extension SettingKind<String> {
    public static var text: SettingKind { SettingKind(text: { $0 }) { (text) throws(SettingFault) in text } }

    /// A path; that there is such a file is looked at where it is read.
    public static var file: SettingKind { text }

    /// A path of a file with secrets.
    public static var secretFile: SettingKind {
        var kind = text
        kind.isSecretFile = true
        return kind
    }
}

extension SettingKind where Value: Equatable {
    public static func choice(_ values: [(text: String, value: Value)]) -> SettingKind {
        SettingKind(
            "one of \(values.map(\.text).joined(separator: ", "))",
            text: { value in values.first { $0.value == value }?.text ?? "" },
            parse: { text in values.first { $0.text == text }?.value })
    }
}
