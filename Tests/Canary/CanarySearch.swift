/// Something that can be read: a record, a file, a log.
struct Place: Sendable {
    let name: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }
}

/// Looks for many canaries in all their forms at once.
final class CanarySearch: Sendable {
    struct Finding: Sendable, Hashable, CustomStringConvertible {
        let place: String
        let canary: String
        let form: String
        var description: String { "\(canary) is in \(place) (\(form))" }
    }

    private struct Needle: Sendable {
        let canary: String
        let form: String
        let bytes: [UInt8]
    }

    /// By their first four bytes.
    private let needles: [UInt32: [Needle]]
    /// Whether some needle begins with four bytes of this digest.
    private let mayBegin: [Bool]
    private static let digestBits: UInt32 = 18

    init(_ canaries: [Canary]) {
        var needles: [UInt32: [Needle]] = [:]
        var mayBegin = [Bool](repeating: false, count: 1 << Self.digestBits)
        for canary in canaries {
            for form in EncodedForms.all(of: canary) {
                precondition(form.bytes.count >= 8, "\(canary.label) as \(form.name) is too short to be told from chance")
                let window = form.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
                needles[window, default: []].append(Needle(canary: canary.label, form: form.name, bytes: form.bytes))
                mayBegin[Self.digest(window)] = true
            }
        }
        self.needles = needles
        self.mayBegin = mayBegin
    }

    private static func digest(_ window: UInt32) -> Int { Int((window &* 2_654_435_761) >> (32 - digestBits)) }

    /// Each canary and form once.
    func findings(in place: Place) -> [Finding] {
        var found: Set<Finding> = []
        place.bytes.withUnsafeBufferPointer { bytes in
            mayBegin.withUnsafeBufferPointer { mayBegin in
                var window: UInt32 = 0
                var index = 0
                while index < bytes.count {
                    window = window << 8 | UInt32(bytes[index])
                    if mayBegin[Int((window &* 2_654_435_761) >> (32 - Self.digestBits))], index >= 3 {
                        for needle in needles[window] ?? [] where bytes[(index - 3)...].starts(with: needle.bytes) {
                            found.insert(Finding(place: place.name, canary: needle.canary, form: needle.form))
                        }
                    }
                    index += 1
                }
            }
        }
        return found.sorted { ($0.canary, $0.form) < ($1.canary, $1.form) }
    }

    func findings(in places: [Place]) -> [Finding] { places.flatMap { findings(in: $0) } }
}
