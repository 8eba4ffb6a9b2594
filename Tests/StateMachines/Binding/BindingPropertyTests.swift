import Contracts
import JSON
import StateMachines
import Testing

/// Random commands of merchants, factories and strangers, with the shards' items in random order between them.
@Suite struct BindingPropertyTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func randomInterleavings(seed: UInt64) throws {
        let service = BindingService(seed: seed)
        var random = Seeded(seed &* 977)
        let merchants = ["M1", "M2", "M3"]
        let factories = ["F1", "F2"]
        for turn in 0..<2500 {
            if random.chance(40) { service.simulation.step() }
            act(service, random.pick(merchants), random.pick(factories), turn, &random)
        }
        service.simulation.run()

        #expect(service.simulation.faults == [])
        checkAnswers(service)
        checkRows(service)
        for merchant in merchants {
            let profile = service.state(merchant).row
            #expect(profile.role != .factory)
            for kind in AddressKind.allCases {
                #expect(profile.addresses.count { $0.kind == kind && $0.default } <= 1)
            }
            for factory in factories {
                guard let row = service.row(merchant, factory), row.state == .pending || row.state == .active else { continue }
                #expect(row.shopAlias == profile.shopAlias)
                #expect(try row.sender.value == profile.sender)
            }
        }
    }

    private func act(_ service: BindingService, _ merchant: String, _ factory: String, _ turn: Int, _ random: inout Seeded) {
        let stranger: Actor? = random.chance(5) ? Actor(.merchant, "M9") : nil
        switch Int.random(in: 0..<12, using: &random) {
        case 0: service.registerMerchant(merchant)
        case 1: service.registerFactory(factory)
        case 2: service.updateProfile(merchant, as: .merchant) { $0.shopAlias = "店 \(turn)" }
        case 3: service.updateProfile(merchant, as: .merchant) { $0.sender = .example("人 \(turn)") }
        case 4: service.updateProfile(factory, as: .factory) { $0.name = "厂 \(turn)" }
        case 5:
            service.putAddress(
                merchant, "A\(turn % 4)", random.pick(AddressKind.allCases), default: random.pick([nil, true, false]))
        case 6: service.removeAddress(merchant, "A\(turn % 5)")
        case 7: service.approve(merchant, factory, actor: stranger)
        case 8: service.decline(merchant, factory, actor: stranger)
        case 9: service.withdraw(merchant, factory, actor: stranger)
        case 10: service.unbind(merchant, factory, actor: random.chance(50) ? Actor(.merchant, merchant) : Actor(.factory, factory))
        default: service.apply(merchant, random.chance(5) ? "nobody" : factory, actor: stranger)
        }
    }

    private func checkAnswers(_ service: BindingService) {
        var answers: [String: Int] = [:]
        for emission in service.simulation.published {
            if let id = emission.answers { answers[id, default: 0] += 1 }
        }
        let wrong = service.commands.filter { answers[$0] != 1 }
        #expect(wrong == [])
        #expect(answers.count == service.commands.count)
    }

    /// Versions grow by one, a role stays, and each step of a pair is one that the contract knows.
    private func checkRows(_ service: BindingService) {
        let steps: [PairState: Set<PairState>] = [
            .pending: [.pending, .active, .declined, .withdrawn], .active: [.active, .ended], .declined: [.pending],
            .withdrawn: [.pending], .ended: [.pending],
        ]
        var pairs: [String: BindingRow] = [:]
        var shops: [String: ParticipantRow] = [:]
        for case .row(let row) in service.simulation.published {
            if let row = row as? BindingRow {
                let before = pairs[row.key]
                #expect(row.version == (before?.version ?? 0) + 1)
                if let before {
                    #expect(steps[before.state]?.contains(row.state) == true)
                } else {
                    #expect(row.state == .pending)
                }
                pairs[row.key] = row
            } else if let row = row as? ParticipantRow {
                let before = shops[row.key]
                #expect(row.version == (before?.version ?? 0) + 1)
                #expect(before?.role == nil || before?.role == row.role)
                shops[row.key] = row
            }
        }
        #expect(pairs.count >= 3)
    }
}
