import Contracts
import Crypto
import JSON
public import Kafka
public import Observability
import Threads

/// Signs and checks `daifa-mac` (contract, section 2) with the keys of `DAIFA_SERVICE_KEY_FILE`: the first of the file signs, all of them
/// verify. For one thread; the file is looked at again when it has changed, and what cannot be read leaves the last good keys in force.
public final class ServiceKeys {
    /// The parts of a message from which its code is made, besides the key. An absent part counts as an empty one.
    struct Parts {
        var topic: UnsafeRawBufferPointer
        var key: UnsafeRawBufferPointer
        var id: UnsafeRawBufferPointer
        var type: UnsafeRawBufferPointer
        var actor: UnsafeRawBufferPointer
        var body: UnsafeRawBufferPointer

        /// Gives the parts of a message that is written here, for the time of the call.
        static func with<Result>(
            topic: [UInt8], key: String, id: [UInt8], type: String, actor: [UInt8], body: UnsafeRawBufferPointer, _ use: (Parts) -> Result
        ) -> Result {
            key.withBytes { key in
                type.withBytes { type in
                    topic.withUnsafeBytes { topic in
                        id.withUnsafeBytes { id in
                            actor.withUnsafeBytes { actor in
                                use(Parts(topic: topic, key: key, id: id, type: type, actor: actor, body: body))
                            }
                        }
                    }
                }
            }
        }
    }

    private struct Entry {
        /// `<keyId>:`.
        var prefix: [UInt8]
        var mac: KeyedMAC
    }

    /// Seconds between two looks at the file while every code is of a known key.
    private static let interval = 1.0
    private static let textSize = Base64.size(of: KeyedMAC.size)

    private let file: MACKeyFile
    private let logger: Logger?
    private var entries: [Entry] = []
    private var stamp: MACKeyFile.Stamp?
    private var nextLook = 0.0
    /// The header that was made last, and the code that was computed last.
    private var header: [UInt8] = []
    private var code = [UInt8](repeating: 0, count: KeyedMAC.size)
    private var text = [UInt8](repeating: 0, count: textSize)

    /// - Parameter logger: hears of a file that cannot be read any more.
    /// - Throws: when the file cannot be read now.
    public init(path: String, logger: Logger? = nil) throws(ConfigurationError) {
        file = MACKeyFile(path: path)
        self.logger = logger
        stamp = file.stamp
        do throws(CryptoError) { entries = try Self.entries(of: file) } catch { throw ConfigurationError("\(Self.variable): \(error)") }
        nextLook = Clock.seconds + Self.interval
    }

    static let variable = "DAIFA_SERVICE_KEY_FILE"

    private static func entries(of file: MACKeyFile) throws(CryptoError) -> [Entry] {
        var entries: [Entry] = []
        for key in try file.keys() { entries.append(Entry(prefix: Array("\(key.id):".utf8), mac: try KeyedMAC(key: key.bytes))) }
        return entries
    }

    // MARK: The file

    /// Reads the file again if it has changed, at most once a second. Call it before a batch of messages.
    func refresh() {
        guard Clock.seconds >= nextLook else { return }
        nextLook = Clock.seconds + Self.interval
        reload()
    }

    /// Returns whether there are other keys than before.
    @discardableResult
    private func reload() -> Bool {
        let found = file.stamp
        guard found != stamp else { return false }
        stamp = found
        do throws(CryptoError) {
            entries = try Self.entries(of: file)
            return true
        } catch {
            logger?.error("the service keys cannot be read again; the last ones stay in force", ["reason": "\(error)"])
            return false
        }
    }

    // MARK: Codes

    /// Gives the value of the header `daifa-mac` to `body`.
    func sign(_ parts: Parts, _ body: (UnsafeRawBufferPointer) -> Void) {
        let signer = entries[0]
        compute(parts, signer.mac)
        header.removeAll(keepingCapacity: true)
        header.append(contentsOf: signer.prefix)
        header.append(contentsOf: text)
        header.withUnsafeBytes { body($0) }
    }

    /// Whether the header's value is that of these parts by one of the keys.
    func isValid(_ value: UnsafeRawBufferPointer, of parts: Parts) -> Bool {
        guard value.count > Self.textSize else { return false }
        // A new key may have been put into the file a moment ago.
        guard let entry = entry(of: value) ?? (reload() ? entry(of: value) : nil) else { return false }
        compute(parts, entry.mac)
        return text.withUnsafeBytes {
            Digest.areEqual($0, UnsafeRawBufferPointer(rebasing: value[(value.count - Self.textSize)...]))
        }
    }

    private func entry(of value: UnsafeRawBufferPointer) -> Entry? {
        let prefix = UnsafeRawBufferPointer(rebasing: value[..<(value.count - Self.textSize)])
        return entries.first { entry in entry.prefix.count == prefix.count && entry.prefix.elementsEqual(prefix) }
    }

    /// The code as base 64 into `text`.
    private func compute(_ parts: Parts, _ mac: KeyedMAC) {
        mac.begin()
        mac.add(counted: parts.topic)
        mac.add(counted: parts.key)
        mac.add(counted: parts.id)
        mac.add(counted: parts.type)
        mac.add(counted: parts.actor)
        mac.add(counted: parts.body)
        code.withUnsafeMutableBytes { code in
            mac.finish(into: code)
            text.withUnsafeMutableBytes { _ = Base64.encode(UnsafeRawBufferPointer(code), into: $0) }
        }
    }
}

extension ServiceKeys {
    /// The header `daifa-mac` of a message in binary mode that this process writes for somebody. An earlier one does not count: put it last.
    /// - Parameter headers: with `ce_id`, `ce_type` and `ce_actor`.
    public func header(topic: String, key: [UInt8]?, headers: [Header], body: [UInt8]?) -> Header {
        refresh()
        let values = [EnvelopeHeader.id, EnvelopeHeader.type, EnvelopeHeader.actor].map { headers.last($0) ?? [] }
        var made: [UInt8] = []
        Array(topic.utf8).withUnsafeBytes { topic in
            (key ?? []).withUnsafeBytes { key in
                values[0].withUnsafeBytes { id in
                    values[1].withUnsafeBytes { type in
                        values[2].withUnsafeBytes { actor in
                            (body ?? []).withUnsafeBytes { body in
                                let parts = Parts(topic: topic, key: key, id: id, type: type, actor: actor, body: body)
                                sign(parts) { made = Array($0) }
                            }
                        }
                    }
                }
            }
        }
        return Header(name: EnvelopeHeader.mac, value: made)
    }
}
