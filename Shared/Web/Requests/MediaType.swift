/// `text/csv; charset=utf-8` (RFC 9110, section 8.3).
public struct MediaType: Sendable, Equatable {
    /// In lower case, without parameters: `text/csv`.
    public let essence: String
    /// Names in lower case, in order.
    public let parameters: [(name: String, value: String)]

    /// nil for what is none; parameters that are none are an error too.
    public init?(_ text: String) {
        let parts = HeaderText.split(text[...], by: UInt8(ascii: ";"))
        guard let first = parts.first, text.utf8.first != UInt8(ascii: ";") else { return nil }
        let names = first.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, HeaderText.isToken(names[0]), HeaderText.isToken(names[1]) else { return nil }
        var parameters: [(name: String, value: String)] = []
        for part in parts.dropFirst() {
            guard let parameter = HeaderText.parameter(part) else { return nil }
            parameters.append(parameter)
        }
        essence = first.lowercased()
        self.parameters = parameters
    }

    /// The first parameter of that name, which is in lower case.
    public subscript(parameter name: String) -> String? { parameters.first { $0.name == name }?.value }

    public static func == (left: MediaType, right: MediaType) -> Bool {
        left.essence == right.essence && left.parameters.elementsEqual(right.parameters) { $0 == $1 }
    }
}
