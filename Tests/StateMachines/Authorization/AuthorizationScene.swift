import Contracts
import JSON
import Machines
import StateMachines
import Threads

/// Opens what is sealed with the key "good".
final class SceneSecrets: SecretOpener {
    func opens(_ sealed: Sealed, info: String, aad: String) -> Bool {
        sealed.keyId == "good" && info == SealInfo.appSecret && sealed.enc == aad
    }
    func token(for purpose: String) -> String { "t\(purpose.utf8.reduce(UInt64(7)) { $0 &* 1_099_511_628_211 ^ UInt64($1) })" }
}

extension Sealed {
    /// A secret that authorization can open when it comes under this key.
    static func secret(boundTo key: String) -> Sealed { Sealed(keyId: "good", enc: key, ciphertext: "c2VjcmV0") }
}

extension Settings {
    static func withApplications(consentTTL: Int = 600) -> Settings {
        var consents = ConsentSettings()
        for (page, name) in [(\ConsentSettings.jos, "jos"), (\.isc, "isc"), (\.pinduoduo, "pinduoduo")] {
            consents[keyPath: page] = ConsentPage { "https://\(name).example/login?app_key=\($0)&state=\($1)&redirect_uri=\($2)" }
        }
        consents.jdAppKey = "platform-jd"
        consents.pinduoduoAppKey = "platform-pdd"
        consents.jdISVSource = "ISV1"
        return Settings(consentTTL: consentTTL, publicURL: "https://daifa.example", consents: consents)
    }
}

/// One aggregate of authorization with the effects that it has scheduled, which a test answers in any order it likes.
final class AuthorizationScene<Machine: StateMachine> {
    struct Scheduled {
        var effect: any Effect
        var due: Timestamp?
        var origin: Origin
    }

    let key: String
    var settings = Settings.withApplications()
    let tables = MemoryTables()
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    private(set) var state = Machine.State()
    private(set) var scheduled: [String: Scheduled] = [:]
    private(set) var published: [Emission] = []
    /// What went wrong with the scene itself: a state that is not read back as it was stored.
    private(set) var faults: [String] = []
    /// Commands that were sent with ids of the scene's own: `command-1` and so on.
    private(set) var sent = 0

    init(key: String) {
        self.key = key
        for (shop, role) in [("M1", ShopRole.merchant), ("M2", .merchant), ("M3", .merchant), ("F1", .factory)] {
            let row = ParticipantRow(shopId: shop, role: role, addresses: [], version: 0)
            tables.participants[shop] = row
        }
    }

    /// A command from outside; gives what left the machine.
    @discardableResult
    func send(_ input: Machine.Input, as actor: Actor, type: String = "daifa.authorization.test.v1") -> [Emission] {
        sent += 1
        let id = "command-\(sent)"
        return handle(input, Origin(id: id, type: type, key: key, correlationId: id), actor)
    }

    /// The answer to a scheduled effect: it ends the effect first, as Runtime does.
    @discardableResult
    func answer(_ id: String, _ input: Machine.Input) -> [Emission] {
        guard let ended = scheduled.removeValue(forKey: id) else { return [] }
        return handle(input, ended.origin, Actor(.service, "authorization"))
    }

    /// An item of a conversation that began with `origin`.
    @discardableResult
    func tell(_ input: Machine.Input, _ origin: Origin) -> [Emission] { handle(input, origin, Actor(.service, "authorization")) }

    func context(_ origin: Origin, _ actor: Actor) -> Context {
        Context(origin: origin, actor: actor, time: now, now: now, tables: tables, settings: settings, secrets: SceneSecrets())
    }

    func effect<Kind: Effect>(_: Kind.Type) -> Kind? { scheduled.values.lazy.compactMap { $0.effect as? Kind }.first }
    func effects<Kind: Effect>(_: Kind.Type) -> [Kind] {
        scheduled.values.compactMap { $0.effect as? Kind }.sorted { $0.id < $1.id }
    }

    private func handle(_ input: Machine.Input, _ origin: Origin, _ actor: Actor) -> [Emission] {
        now = Timestamp(milliseconds: now.milliseconds + 1)
        let outbox = RecordingOutbox(handling: origin, of: Machine.self, input)
        switch Machine.decide(state, input, context(origin, actor)) {
        case .refuse(let refusal): outbox.refuse(refusal, origin: origin)
        case .accept(let events):
            for event in events {
                Machine.evolve(&state, event)
                event.publish(to: outbox)
            }
        }
        if (try? Machine.State.decode(state.json)) != state { faults.append("the state is not read back as it was stored") }
        for emission in outbox.emissions {
            switch emission {
            case .effect(let effect, let due, let origin):
                scheduled[effect.id] = Scheduled(effect: effect, due: due, origin: origin)
            case .cancelledEffect(let id): scheduled[id] = nil
            case .row(let row): tables.put(row)
            case .removedRow(let key, let table): tables.remove(key, of: table)
            case .event, .refusal, .command, .item, .fact: break
            }
        }
        published += outbox.emissions
        return outbox.emissions
    }
}

extension [Emission] {
    /// What left, without effects: `granted`, `refused not-found`, `row warehouses`.
    var names: [String] { map(\.name) }

    var refusal: Refusal? {
        for case .refusal(let refusal, _) in self { return refusal }
        return nil
    }

    func event<Body: Message>(_: Body.Type) -> Body? {
        for case .event(let message as Body, _, _) in self { return message }
        return nil
    }

    func row<Row: TableRow>(_: Row.Type) -> Row? {
        for case .row(let row as Row) in self.reversed() { return row }
        return nil
    }
}

extension ProtectedTokens {
    static func example(
        _ name: String = "a", refresh: String? = "r", expiresIn: Int = 86_400_000, owner: String? = nil, subscription: Bool? = nil
    ) -> ProtectedTokens {
        var tokens = ProtectedTokens()
        tokens.access = "protected-\(name)"
        tokens.refresh = refresh.map { "protected-\($0)" }
        tokens.expiresAt = Timestamp(milliseconds: 1_700_000_000_000 + expiresIn)
        tokens.ownerId = owner
        tokens.messageSubscription = subscription
        return tokens
    }
}
