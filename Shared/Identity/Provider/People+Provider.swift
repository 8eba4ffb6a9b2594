import Crypto
import JSON
public import Texts
public import Threads

extension People {
    /// Opens a session of a provider's user, who is made at his first log-in. His memberships are those that the provider names now.
    /// - Throws: `unavailable`.
    public func signIn(_ claims: ProviderClaims, language: Language, client: Client, now: Timestamp) throws(PeopleError) -> NewSession {
        try store.change { (rows) throws(PeopleError) in
            let user: User
            if let known = try rows.user(of: claims.identity) { user = known } else { user = try made(rows, claims, language, now) }
            for old in try rows.memberships(of: user.userId) { try rows.removeMembership(of: user.userId, for: old.actor) }
            for membership in claims.memberships { try rows.put(membership, of: user.userId) }
            return try open(rows, user, client, now)
        }
    }

    private func made(
        _ rows: any PeopleRows, _ claims: ProviderClaims, _ language: Language, _ now: Timestamp
    ) throws(PeopleError) -> User {
        var user = User(
            userId: RandomUUID.v4(), name: try freeName(rows, claims.name ?? claims.identity.subject), passwordHash: nil,
            language: language, created: now)
        user.provider = claims.identity
        user.hasChosenRole = true
        try rows.insert(user, nameKey: Checks.key(ofName: user.name))
        return user
    }

    /// The name that the provider gives, in the form of names here; with a number behind it when somebody has it.
    private func freeName(_ rows: any PeopleRows, _ text: String) throws(PeopleError) -> String {
        var visible = String.UnicodeScalarView()
        for scalar in ComposedText.composed(text).unicodeScalars where VisibleText.isAll(String(scalar)) {
            if visible.count < 56 { visible.append(scalar) }
        }
        let base = visible.isEmpty ? "user" : ComposedText.composed(String(visible))
        var name = base
        var number = 1
        while try rows.user(nameKey: Checks.key(ofName: name)) != nil {
            number += 1
            name = "\(base)-\(number)"
        }
        return name
    }
}
