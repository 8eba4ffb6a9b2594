import Glibc
import JSON

/// Rules of what people type in.
enum Checks {
    /// In NFC: 1 to 64 characters, all of them visible.
    static func name(_ text: String) throws(PeopleError) -> String {
        let name = ComposedText.composed(text)
        guard !name.isEmpty else { throw .invalid(field: "user", .missing) }
        guard name.unicodeScalars.count <= 64 else { throw .invalid(field: "user", .tooLong(64)) }
        guard VisibleText.isAll(name) else { throw .invalid(field: "user", .invisible) }
        return name
    }

    /// Names are the same when this is: without case. Upper case first, so that `ß` meets `SS` and `ς` meets `σ`.
    static func key(ofName name: String) -> String { ComposedText.composed(ComposedText.composed(name).uppercased().lowercased()) }

    /// In NFC, so that a password is the same from each keyboard: 10 to 128 characters.
    static func password(_ text: String, field: String = "password") throws(PeopleError) -> String {
        let password = ComposedText.composed(text)
        guard !password.isEmpty else { throw .invalid(field: field, .missing) }
        guard password.unicodeScalars.count >= 10 else { throw .invalid(field: field, .tooShort(10)) }
        guard password.unicodeScalars.count <= 128 else { throw .invalid(field: field, .tooLong(128)) }
        return password
    }

    /// A time zone that the system's data base has.
    static func zone(_ name: String) throws(PeopleError) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
        var status = stat()
        guard (1...64).contains(name.utf8.count), isPlain, !name.hasPrefix("/"),
            stat("/usr/share/zoneinfo/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG
        else { throw .invalid(field: "zone", .unknown) }
        return name
    }

    /// The first 200 characters, without controls.
    static func browser(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(200) where scalar.properties.generalCategory != .control { result.append(scalar) }
        return String(result)
    }
}
