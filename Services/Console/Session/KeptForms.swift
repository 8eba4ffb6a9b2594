import Crypto
import HTTP
import Identity
import Synchronization
import Threads
import Web

/// Forms that were sent when their session had ended, or before the password was asked for again: the same user gets them back, filled in and
/// not sent. In memory only, without secrets, for half an hour.
final class KeptForms: Sendable {
    struct Kept: Sendable {
        fileprivate var userId: String
        fileprivate var until: Timestamp
        fileprivate var address: String
        /// The page that the form is on.
        let page: String
        /// Where the form leads.
        let action: Link
        let fields: [HTTPRequest.Field]

        fileprivate var size: Int { fields.reduce(200) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 } }
    }

    private struct State {
        var forms: [String: Kept] = [:]
        var size = 0

        mutating func remove(_ id: String) {
            if let old = forms.removeValue(forKey: id) { size -= old.size }
        }
    }

    private static let lifetime = 1800
    /// Bytes of all of them, and forms from one address: whoever sends many pushes out his own.
    private static let mostBytes = 16 << 20
    private static let mostOfAddress = 20
    private static let largest = 256 << 10
    /// Hidden fields of each form that are the page's own.
    static let own: Set<String> = ["csrf", "key", "by"]

    private let state = Mutex(State())

    /// Keeps a form that its own page has sent.
    /// - Parameter open: whose password is asked for again; nil: the session has ended, and the form says whose it was.
    /// - Returns: its id; nil when it is no form, or not one of a page of ours.
    func keep(_ request: HTTPRequest, of open: OpenSession?, _ client: Client, now: Timestamp) -> (id: String, page: Link)? {
        guard let form = try? Form(request), let userId = open?.user.userId ?? form["by"], !userId.isEmpty,
            request.isFromOwnPage(origins: []), let (page, link) = Self.page(request),
            let action = Link(request.target, query: request.target.query.map { ($0.name, $0.value) }),
            let id = try? Base64URL.encode(Random.bytes(32))
        else { return nil }
        let kept = Kept(
            userId: userId, until: Timestamp(milliseconds: now.milliseconds + Self.lifetime * 1000), address: client.address, page: page,
            action: action, fields: form.fields.filter { !Self.own.contains($0.name) && !Self.isSecret($0.name) })
        guard kept.size <= Self.largest else { return nil }
        state.withLock { state in
            for (id, old) in state.forms where old.until <= now { state.remove(id) }
            var ofAddress = state.forms.filter { $0.value.address == client.address }
            while state.size + kept.size > Self.mostBytes || ofAddress.count >= Self.mostOfAddress {
                let crowd = ofAddress.count >= Self.mostOfAddress ? ofAddress : state.forms
                guard let oldest = crowd.min(by: { $0.value.until < $1.value.until })?.key else { break }
                state.remove(oldest)
                ofAddress[oldest] = nil
            }
            state.forms[id] = kept
            state.size += kept.size
        }
        return (id, link)
    }

    /// The form for the page that is asked for, if it is this user's.
    func form(_ id: String, of userId: String, on page: RequestTarget, now: Timestamp) -> Kept? {
        guard let kept = state.withLock({ $0.forms[id] }), kept.userId == userId, kept.page == page.raw, now < kept.until else {
            return nil
        }
        return kept
    }

    /// The form was sent now: it is not needed any more.
    /// - Returns: whether it was this one.
    func sent(_ id: String, to target: RequestTarget) -> Bool {
        state.withLock { state in
            guard state.forms[id]?.action.text == Link(target, query: target.query.map { ($0.name, $0.value) })?.text else { return false }
            state.remove(id)
            return true
        }
    }

    private static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["password", "secret", "token"].contains { name.contains($0) }
    }

    /// The page that the form was on: the referrer, which pages of ours say to each other.
    private static func page(_ request: HTTPRequest) -> (raw: String, link: Link)? {
        guard let referrer = request.header("referer"), let scheme = ["https://", "http://"].first(where: { referrer.hasPrefix($0) }),
            let slash = referrer.dropFirst(scheme.count).firstIndex(of: "/"),
            referrer[referrer.index(referrer.startIndex, offsetBy: scheme.count)..<slash].lowercased()
                == request.header("host")?.lowercased()
        else { return nil }
        let path = String(referrer[slash...])
        return OwnPath.link(path).map { (path, $0) }
    }
}

/// The cookie that leads back to a form.
struct KeptCookie: Sendable {
    static let name = "daifa_form"
    private static let seconds = 1800

    static func set(_ id: String) -> [(name: String, value: String)] {
        guard var cookie = SetCookie(name, id) else { return [] }
        cookie.maxAge = seconds
        return [cookie.header]
    }

    static var removed: [(name: String, value: String)] { SetCookie.removed(name).map { [$0.header] } ?? [] }
}
