import Foundation

/// A text that is planted where a secret, a token or a person's name, phone or street goes in, and that must not come out anywhere.
struct Canary: Sendable {
    /// What it was planted as: `app secret of the warehouse`.
    let label: String
    let bytes: [UInt8]

    init(_ label: String, _ text: String) { self.init(label, Array(text.utf8)) }

    init(_ label: String, _ bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    /// nil: no text.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    /// A secret that nobody else has.
    static func secret(_ label: String) -> Canary {
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
        return Canary(label, String((0..<32).compactMap { _ in letters.randomElement() }))
    }
}

/// A person that nobody else is, of whom each part is a canary.
struct CanaryPerson: Sendable {
    let name: Canary
    let phone: Canary
    let street: Canary
    /// The part of the address between district and street, where there is one.
    let town: Canary?

    var all: [Canary] { [name, phone, street] + (town.map { [$0] } ?? []) }

    init(_ label: String, hasTown: Bool = true) {
        name = Canary("name of \(label)", Self.chinese(6))
        phone = Canary("phone of \(label)", "1" + String((0..<10).map { _ in Character("\(Int.random(in: 3...9))") }))
        street = Canary("street of \(label)", Self.chinese(8) + "路")
        town = hasTown ? Canary("town of \(label)", Self.chinese(5) + "镇") : nil
    }

    /// Characters that GBK has too.
    private static func chinese(_ count: Int) -> String {
        String(String.UnicodeScalarView((0..<count).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0x4E00...0x9FA5)) }))
    }
}
