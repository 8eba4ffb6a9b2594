import Testing
import Threads

@testable import Identity

/// Random sequences of what people do, against a model in memory.
@Suite struct InterleavingTests {
    private struct Model {
        struct Person {
            var memberships: [String: Role] = [:]
            var hadShop = false
        }
        struct Login {
            var person: String
            var ends: Timestamp
            var lastUsed: Timestamp
        }
        var people: [String: Person] = [:]
        var logins: [String: Login] = [:]
        var codes: [String: (actor: String, role: Role, ends: Timestamp)] = [:]

        func owners(of actor: String) -> [String] { people.filter { $0.value.memberships[actor] == .owner }.map(\.key) }

        func isLive(_ login: Login, _ now: Timestamp) -> Bool {
            now < login.ends && now.milliseconds - login.lastUsed.milliseconds < 12 * 3_600_000
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var word = (state ^ state >> 18) >> 27
            word = (word ^ word >> 15) &* 0x9E37_79B9_7F4A_7C15
            return word ^ word >> 32
        }
    }

    /// What is done, and what the model says about it.
    private final class Play {
        let scene: Scene
        var model = Model()
        var random: Generator
        var sessions: [String: NewSession] = [:]
        var codes: [String: NewCode] = [:]
        var steps: [String] = []

        init(seed: UInt64) throws {
            scene = try Scene()
            random = Generator(state: seed &* 7919 &+ 17)
        }

        func pick<Element>(_ elements: some Collection<Element>) -> Element? { elements.randomElement(using: &random) }

        /// A session that still stands, of anybody.
        func live() -> (token: String, session: NewSession, person: String)? {
            let tokens = model.logins.filter { model.isLive($0.value, scene.now) }.keys.sorted()
            guard let token = pick(tokens), let session = sessions[token], let login = model.logins[token] else { return nil }
            return (token, session, login.person)
        }

        func opened(_ session: NewSession, _ person: String) {
            sessions[session.token] = session
            model.logins[session.token] = .init(
                person: person, ends: scene.now.after(seconds: 7 * 86_400), lastUsed: scene.now)
        }

        func step() throws {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try register()
            case 1: try chooseRole()
            case 2, 3: try invite()
            case 4, 5: try join()
            case 6, 7: try remove()
            case 8: try use()
            default: try passOrReopen()
            }
        }

        private func register() throws {
            let name = "user\(model.people.count)"
            steps.append("register \(name)")
            opened(try scene.insert(name), name)
            model.people[name] = .init()
        }

        private func chooseRole() throws {
            guard let (_, session, person) = live() else { return }
            steps.append("\(person) chooses")
            let expected: PeopleError? = model.people[person]?.hadShop == true ? .roleAlreadyChosen : nil
            var chosen: OpenSession?
            #expect(refusal { chosen = try scene.people.chooseRole(.merchant, of: session.open) } == expected, "\(steps)")
            guard let chosen else { return }
            model.people[person]?.memberships[chosen.memberships[0].actor] = .owner
            model.people[person]?.hadShop = true
        }

        /// Somebody for one of his actors, or for one that he does not have.
        private func caller(_ person: String) -> Caller? {
            let memberships = (model.people[person]?.memberships ?? [:]).sorted { $0.key < $1.key }
            return pick(memberships).map { Caller(userId: "id-\(person)", actor: $0.key, role: $0.value) }
        }

        private func invite() throws {
            guard let (_, _, person) = live(), let caller = caller(person) else { return }
            let role: Role = Bool.random(using: &random) ? .owner : .clerk
            steps.append("\(person) invites a \(role) to \(caller.actor)")
            var code: NewCode?
            let expected: PeopleError? = caller.role == .owner ? nil : .forbidden(.ownerOnly)
            #expect(refusal { code = try scene.people.invite(to: nil, as: role, by: caller, now: scene.now) } == expected, "\(steps)")
            guard let code else { return }
            codes[code.code] = code
            model.codes[code.code] = (caller.actor, role, scene.now.after(seconds: 7 * 86_400))
        }

        private func join() throws {
            guard let (token, session, person) = live(), let code = pick(codes.keys.sorted()) else { return }
            steps.append("\(person) joins")
            let offer = model.codes[code].flatMap { scene.now < $0.ends ? $0 : nil }
            var joined: NewSession?
            let got = refusal {
                joined = try scene.people.join(code: code, session: session.open, client: scene.client, now: scene.now)
            }
            #expect(got == (offer == nil ? .notFound : nil), "\(steps)")
            guard let joined, let offer else { return }
            model.codes[code] = nil
            model.logins[token] = nil
            opened(joined, person)
            if model.people[person]?.memberships[offer.actor] != .owner { model.people[person]?.memberships[offer.actor] = offer.role }
            model.people[person]?.hadShop = true
        }

        private func remove() throws {
            guard let (_, _, person) = live(), let caller = caller(person), let name = pick(model.people.keys.sorted()) else { return }
            steps.append("\(person) removes \(name) from \(caller.actor)")
            let role = model.people[name]?.memberships[caller.actor]
            let expected: PeopleError? =
                if caller.role != .owner { .forbidden(.ownerOnly) } else if role == nil {
                    .notFound
                } else if role == .owner,
                    model.owners(of: caller.actor) == [name]
                { .lastOwner } else { nil }
            #expect(refusal { try scene.people.remove(user: name, by: caller) } == expected, "\(steps)")
            guard expected == nil else { return }
            model.people[name]?.memberships[caller.actor] = nil
            if model.people[name]?.memberships.isEmpty == true { model.logins = model.logins.filter { $0.value.person != name } }
        }

        private func use() throws {
            guard let (token, session, person) = live() else { return }
            steps.append("\(person) asks")
            _ = try scene.look(session)
            // What is less than a minute old is not written.
            guard let last = model.logins[token]?.lastUsed, scene.now.milliseconds - last.milliseconds >= 60_000 else { return }
            model.logins[token]?.lastUsed = scene.now
        }

        private func passOrReopen() throws {
            if Int.random(in: 0..<4, using: &random) == 0 {
                steps.append("reopen")
                try scene.reopen()
            } else {
                let seconds = pick([30, 3600, 6 * 3600]) ?? 30
                steps.append("\(seconds) s")
                scene.pass(seconds: seconds)
                if Bool.random(using: &random) { try scene.people.prune(now: scene.now) }
            }
        }

        /// The store says what the model says.
        func compare() throws {
            for (token, session) in sessions {
                let open = try? scene.people.session(token: token, client: nil, now: scene.now)
                let login = model.logins[token].flatMap { model.isLive($0, scene.now) ? $0 : nil }
                #expect(open?.user.name == login?.person, "\(steps)")
                guard let open, let login else { continue }
                let memberships = Dictionary(uniqueKeysWithValues: open.memberships.map { ($0.actor, $0.role) })
                #expect(memberships == model.people[login.person]?.memberships, "\(steps)")
                #expect(open.session.sessionId == session.open.session.sessionId)
            }
            let everybody = try scene.people.allUsers()
            #expect(Set(everybody.map(\.user)) == Set(model.people.keys), "\(steps)")
            for actor in Set(everybody.compactMap(\.actor)) {
                #expect(everybody.contains { $0.actor == actor && $0.role == .owner }, "\(actor) has no owner: \(steps)")
            }
        }
    }

    @Test(arguments: 1...8) func membershipsAndSessionsAreAsTheModelSaysAndNoShopLosesItsLastOwner(seed: Int) throws {
        let play = try Play(seed: UInt64(seed))
        for step in 1...160 {
            try play.step()
            if step % 10 == 0 { try play.compare() }
        }
    }
}
