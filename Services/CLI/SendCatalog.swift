import Contracts

/// The messages that `daifa send` can send: the contract's commands by service, and its facts.
enum SendCatalog {
    /// The place of facts, which no single service is asked for.
    static let order = "order"

    /// The values of the first argument of `daifa send`.
    static let places = ServiceName.domainServices.map(\.rawValue) + [order]

    static func entries(of place: String) -> [CatalogEntry] {
        Catalog.entries.filter { entry in
            switch entry.kind {
            case .command: entry.readers.map(\.rawValue) == [place]
            case .fact: place == order
            case .event, .refusal, .row, .internal: false
            }
        }
    }
}

extension CatalogEntry {
    /// `allocate`.
    var name: String { TypeName.short(type).split(separator: ".").last.map(String.init) ?? type }

    /// The topic on which it is answered; nil for facts, which need not be.
    var answerTopic: String? { kind == .command ? readers.first?.events : nil }

    /// How its key comes about, for a person: `orderId or inboundId`.
    var keyText: String { key == .account ? "--key \(key.text)" : key.fields.joined(separator: " or ") }
}
