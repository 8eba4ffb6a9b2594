/// Why the texts were not loaded: the file, the key if it is one key's fault, and the reason.
public struct TextsError: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    public let key: String?
    public let reason: String

    public var description: String { key.map { "\(file): key \"\($0)\": \(reason)" } ?? "\(file): \(reason)" }
}
