import Glibc
import JSON

/// One language's file: an object whose members are keys and texts.
enum TextFile {
    /// A bound on what is read at start.
    private static let largest = 1 << 20

    static func read(_ path: String) throws(TextsError) -> [String: TextParts] {
        guard let bytes = bytes(path) else {
            throw TextsError(file: path, key: nil, reason: "a file of at most \(largest) bytes is expected, which this process may read")
        }
        let document: JSONValue
        do throws(JSONError) { document = try JSONValue.decode(bytes) } catch {
            throw TextsError(file: path, key: nil, reason: "\(error)")
        }
        guard case .object(let members) = document else {
            throw TextsError(file: path, key: nil, reason: "one object of keys and texts is expected")
        }
        var texts: [String: TextParts] = [:]
        texts.reserveCapacity(members.count)
        for (key, value) in members {
            guard let text = value.string, !text.isEmpty else {
                throw TextsError(file: path, key: key, reason: "a text that is not empty is expected")
            }
            guard let parts = TextParts(reading: text) else {
                throw TextsError(file: path, key: key, reason: "a brace opens or closes a slot such as {count}, and this one does not")
            }
            guard texts.updateValue(parts, forKey: key) == nil else {
                throw TextsError(file: path, key: key, reason: "the key stands here twice")
            }
        }
        return texts
    }

    /// The file's bytes; nil when it cannot be read or is too large.
    static func bytes(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: largest + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0, count <= largest else { return nil }
        return Array(bytes[..<count])
    }
}
