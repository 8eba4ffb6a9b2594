/// Texts that must not be in what a person reads or a log keeps, though a partner may repeat them: whole or in part, as they are or
/// percent-encoded.
struct HiddenTexts {
    /// A way to write a text, and how much of it in a row is too much.
    private struct Form {
        var scalars: [Unicode.Scalar]
        var part: Int
    }

    /// Fewer characters of a token or a number in a row tell nobody anything; a word of English has as many.
    private static let asciiPart = 6
    /// Of Chinese; two are an everyday word.
    private static let otherPart = 3
    /// A Chinese character in UTF-8, percent-encoded.
    private static let encodedCharacter = 9

    private let forms: [Form]

    init(_ secrets: [String]) {
        // One character hides nothing and would tear every message apart.
        forms = secrets.filter { $0.unicodeScalars.count > 1 }.flatMap { secret -> [Form] in
            let isASCII = secret.utf8.allSatisfy { $0 < 0x80 }
            func form(_ text: String, _ part: Int) -> Form {
                let scalars = Array(text.unicodeScalars)
                return Form(scalars: scalars, part: min(scalars.count, part))
            }
            let encoded = FormEncoding.escape(secret)
            return [form(secret, isASCII ? Self.asciiPart : Self.otherPart)]
                + [encoded, encoded.replacing("%20", with: "+"), Self.withSmallDigits(encoded)].map {
                    form($0, isASCII ? Self.asciiPart : Self.otherPart * Self.encodedCharacter)
                }
        }
    }

    /// - Parameter isCut: the message may end in the middle of a text: then its end is no beginning of one either.
    func hide(in message: String, isCut: Bool) -> String {
        let scalars = Array(message.unicodeScalars)
        var isHidden = [Bool](repeating: false, count: scalars.count)
        for form in forms {
            let parts = Set((0...(form.scalars.count - form.part)).map { form.scalars[$0..<($0 + form.part)] })
            for start in stride(from: 0, through: scalars.count - form.part, by: 1)
            where parts.contains(scalars[start..<(start + form.part)]) {
                for index in start..<(start + form.part) { isHidden[index] = true }
            }
            guard isCut else { continue }
            let longest = (1..<form.part).last { scalars.suffix($0).elementsEqual(form.scalars.prefix($0)) } ?? 0
            for index in (scalars.count - longest)..<scalars.count { isHidden[index] = true }
        }
        var text = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            if !isHidden[index] { text.append(scalar) } else if index == 0 || !isHidden[index - 1] { text.append("…") }
        }
        return String(text)
    }

    /// `%e5` instead of `%E5`, as some gateways write it.
    private static func withSmallDigits(_ encoded: String) -> String {
        let parts = encoded.split(separator: "%", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts.first ?? "")) { "\($0)%\($1.prefix(2).lowercased())\($1.dropFirst(2))" }
    }
}
