public import Threads

/// The users of an actor: invited, listed, reset, removed by its owner; of all actors by an operator.
extension People {
    /// Makes a one-time link that gives a membership.
    /// - Parameter actor: nil: the caller's own; of an operator: a new operator. `operator` says the same.
    /// - Throws: `forbidden` unless the caller is an owner of the actor, or an operator; `invalid` (actor); `unavailable`.
    public func invite(to actor: String?, as role: Role, by caller: Caller, now: Timestamp) throws(PeopleError) -> NewCode {
        try refuseUnlessOwner(caller)
        let invited: String?
        if caller.isOperator {
            let isOwn = actor.map { $0 == Self.anyOperator || ActorText.areEqual($0, caller.actor) } ?? true
            if let actor, !isOwn, !ActorText.isShop(actor) { throw .invalid(field: "actor", .unknown) }
            invited = isOwn ? nil : actor
        } else {
            guard actor.map({ ActorText.areEqual($0, caller.actor) }) ?? true else { throw .forbidden(.ownerOnly) }
            invited = caller.actor
        }
        return try store.change { (rows) throws(PeopleError) in
            try code(rows, for: .invitation(actor: invited, role: role), lifetime: settings.invitationLifetime, now)
        }
    }

    /// The users of the caller's actor by name; of an operator all users, with a line for each membership.
    /// - Throws: `forbidden` unless the caller is an owner; `unavailable`.
    public func users(for caller: Caller) throws(PeopleError) -> [ListedUser] {
        try refuseUnlessOwner(caller)
        return try store.read { (rows) throws(PeopleError) in
            if caller.isOperator { return try all(rows) }
            return try rows.members(of: caller.actor).map { line($0.user, Membership(actor: caller.actor, role: $0.role)) }
        }
    }

    /// All users, with a line for each membership: for an administrator at the machine.
    public func allUsers() throws(PeopleError) -> [ListedUser] {
        try store.read { (rows) throws(PeopleError) in try all(rows) }
    }

    private func all(_ rows: any PeopleRows) throws(PeopleError) -> [ListedUser] {
        var lines: [ListedUser] = []
        for user in try rows.users() {
            let memberships = try rows.memberships(of: user.userId)
            lines += memberships.isEmpty ? [line(user, nil)] : memberships.map { line(user, $0) }
        }
        return lines
    }

    private func line(_ user: User, _ membership: Membership?) -> ListedUser {
        ListedUser(
            user: user.name, userId: user.userId, actor: membership?.actor, role: membership?.role, language: user.language, seen: user.seen
        )
    }

    /// Takes a user's membership for the caller's actor, or all of them when the caller is an operator, at once: a session of his acts for
    /// it no more, and when he acts for nobody else his sessions end.
    /// - Throws: `forbidden` unless the caller is an owner; `notFound`; `lastOwner` when nobody else owns an actor of these, or nobody else
    ///   is an operator; `unavailable`.
    /// - Returns: ids of the sessions that he had: what goes on for one of them, such as a stream, must ask anew.
    @discardableResult
    public func remove(user name: String, by caller: Caller) throws(PeopleError) -> [String] {
        try refuseUnlessOwner(caller)
        return try store.change { (rows) throws(PeopleError) in
            var user = try found(rows, name, by: caller)
            let memberships = try rows.memberships(of: user.userId)
            let taken = caller.isOperator ? memberships : memberships.filter { ActorText.areEqual($0.actor, caller.actor) }
            for membership in taken where membership.role == .owner {
                let members = ActorText.isOperator(membership.actor) ? try rows.operators() : try rows.members(of: membership.actor)
                guard members.contains(where: { $0.role == .owner && $0.user.userId != user.userId }) else { throw .lastOwner }
            }
            for membership in taken { try rows.removeMembership(of: user.userId, for: membership.actor) }
            if caller.isOperator {
                // Nor may he give himself a shop.
                user.hasChosenRole = true
                try rows.update(user)
            }
            let sessions = try rows.sessions(of: user.userId).map(\.sessionId)
            if taken.count == memberships.count { try rows.removeSessions(of: user.userId, except: nil) }
            return sessions
        }
    }

    /// Gives a user of the caller's actor another role there.
    /// - Throws: `forbidden` unless the caller is an owner, and for a provider's user, whose roles the provider names; `notFound`; `lastOwner`
    ///   when nobody else owns the actor; `unavailable`.
    /// - Returns: the user's id.
    @discardableResult
    public func setRole(of name: String, to role: Role, by caller: Caller) throws(PeopleError) -> String {
        try refuseUnlessOwner(caller)
        return try store.change { (rows) throws(PeopleError) in
            let user = try found(rows, name, by: caller)
            guard user.provider == nil else { throw .forbidden(.ofProvider) }
            let members = try rows.members(of: caller.actor)
            guard members.contains(where: { $0.user.userId == user.userId }) else { throw .notFound }
            if role == .clerk, !members.contains(where: { $0.role == .owner && $0.user.userId != user.userId }) { throw .lastOwner }
            try rows.put(Membership(actor: caller.actor, role: role), of: user.userId)
            return user.userId
        }
    }

    /// Makes a one-time link, good for an hour, with which the user gives himself a new password. An earlier one is void.
    /// - Throws: `forbidden` unless the caller is an owner, for a user who acts for others too (an operator may), and for one who logs in with
    ///   a provider; `notFound`; `unavailable`.
    public func reset(user name: String, by caller: Caller, now: Timestamp) throws(PeopleError) -> NewCode {
        try refuseUnlessOwner(caller)
        return try store.change { (rows) throws(PeopleError) in
            let user = try found(rows, name, by: caller)
            let others = try rows.memberships(of: user.userId).filter { !ActorText.areEqual($0.actor, caller.actor) }
            guard caller.isOperator || others.isEmpty else { throw .forbidden(.actsForOthers) }
            return try reset(rows, user, now)
        }
    }

    /// The same for an administrator at the machine.
    public func reset(user name: String, now: Timestamp) throws(PeopleError) -> NewCode {
        try store.change { (rows) throws(PeopleError) in
            guard let user = try rows.user(nameKey: Checks.key(ofName: name)) else { throw .notFound }
            return try reset(rows, user, now)
        }
    }

    private func reset(_ rows: any PeopleRows, _ user: User, _ now: Timestamp) throws(PeopleError) -> NewCode {
        guard user.provider == nil else { throw .forbidden(.ofProvider) }
        try rows.removeCodes(resetting: user.userId)
        return try code(rows, for: .reset(userId: user.userId), lifetime: settings.resetLifetime, now)
    }

    private func refuseUnlessOwner(_ caller: Caller) throws(PeopleError) {
        guard Rights.mayManageUsers(caller.role) else { throw .forbidden(.ownerOnly) }
    }

    /// A user whom the caller knows of.
    private func found(_ rows: any PeopleRows, _ name: String, by caller: Caller) throws(PeopleError) -> User {
        guard let user = try rows.user(nameKey: Checks.key(ofName: name)) else { throw .notFound }
        if caller.isOperator { return user }
        let isMember = try rows.memberships(of: user.userId).contains { ActorText.areEqual($0.actor, caller.actor) }
        guard isMember else { throw .notFound }
        return user
    }
}
