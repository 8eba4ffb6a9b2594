import HTTP
import Web

/// Where somebody comes back to after a login or a change of language: a page of ours, never elsewhere.
enum OwnPath {
    private static let longest = 2000
    /// Beginnings of paths that are no pages to come back to.
    private static let others: Set<String> = ["login", "logout", "language", "signup", "api", "partners", "assets", "oidc", "prove"]

    /// - Returns: nil for what is no path of a page.
    static func link(_ text: String?) -> Link? {
        guard let text, text.hasPrefix("/"), text.utf8.count <= longest else { return nil }
        let target = RequestTarget(text)
        guard let first = target.segments?.first(where: { !$0.isEmpty }), !others.contains(first) else { return nil }
        // Made anew of its parts: what a browser could take for a host is encoded.
        return Link(target, query: target.query.map { ($0.name, $0.value) })
    }
}
