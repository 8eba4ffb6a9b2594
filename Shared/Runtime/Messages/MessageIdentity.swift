import Contracts
import Crypto

/// Tells a message from every other: the first 128 bits of a SHA-256 over source and id, for a command over its sender too. Nobody can
/// make a second message with the identity of another's, so nobody can use up an id that somebody else is still to send.
struct MessageIdentity: Hashable {
    var high: UInt64
    var low: UInt64
}

/// Computes identities. For one thread.
final class IdentityHasher {
    private let digest: MessageDigest

    init() {
        guard let digest = try? MessageDigest() else { preconditionFailure("libcrypto has no SHA-256") }
        self.digest = digest
    }

    /// - Parameters:
    ///   - source: `ce_source`; an absent one counts as an empty one (CloudEvents: source and id together are unique).
    ///   - sender: of a command; nil: of a fact, whoever tells it.
    func identity(source: String, id: String, sender: Actor?) -> MessageIdentity {
        digest.begin()
        add(source)
        add(id)
        if let sender {
            add(sender.kind.rawValue)
            add(sender.id)
        }
        return finish()
    }

    /// The identity of a command whose sender is not proven; it never equals that of a proven sender's command.
    /// - Parameter claimed: the sender that the command names.
    func identity(source: String, id: String, unproven claimed: Actor?) -> MessageIdentity {
        digest.begin()
        add(source)
        add(id)
        add("")
        add(claimed?.description ?? "")
        return finish()
    }

    /// A number below `count`, always the same for a text.
    func bucket(_ text: String, below count: UInt64) -> UInt64 {
        digest.begin()
        add(text)
        return finish().low % count
    }

    private func add(_ part: String) {
        var part = part
        part.withUTF8 { digest.add(counted: UnsafeRawBufferPointer($0)) }
    }

    private func finish() -> MessageIdentity {
        withUnsafeTemporaryAllocation(byteCount: MessageDigest.size, alignment: 8) { code in
            digest.finish(into: code)
            return MessageIdentity(high: code.load(as: UInt64.self), low: code.load(fromByteOffset: 8, as: UInt64.self))
        }
    }
}
