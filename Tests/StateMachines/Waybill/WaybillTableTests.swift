import Contracts
import JSON
import Machines
import StateMachines
import Testing
import Threads

@Suite struct WaybillTableTests {
    private static func parcelState(_ prepare: (WaybillService) -> Void) -> ParcelMachine.State {
        let service = WaybillService()
        prepare(service)
        return service.simulation.state(ParcelMachine.self, "order:O")
    }

    /// A parcel whose command is under way: what it asked is not answered yet.
    private static var parcelStates: [String: ParcelMachine.State] {
        func withNumber(_ service: WaybillService) {
            service.topUp("F", "SF", sf(0), sf(0))
            service.allocate("O/1", to: "F")
            service.obtain("O/1", "F", "SF")
            service.simulation.run()
        }
        return [
            "none": parcelState { _ in },
            "awaited": parcelState {
                let fact = WaybillService.recipientChanged("O/1", at: "F", city: "杭州市")
                $0.fact(fact, .recipientChanged(fact), "O")
            },
            "deallocated first": parcelState { $0.deallocate("O/1", from: "F") },
            "open": parcelState { $0.allocate("O/1", to: "F") },
            "obtained": parcelState(withNumber),
            "printed": parcelState {
                withNumber($0)
                $0.markPrinted("O/1", "F")
            },
            "returned": parcelState {
                withNumber($0)
                $0.return("O/1", "F", "SF", sf(0))
            },
            "shipped": parcelState {
                withNumber($0)
                $0.return("O/1", "F", "SF", sf(0))
                $0.ship("O/1", "F")
            },
            "shredded": parcelState {
                withNumber($0)
                $0.return("O/1", "F", "SF", sf(0))
                $0.ship("O/1", "F")
                $0.shred("O/1")
            },
            "voided": parcelState {
                $0.allocate("O/1", to: "F")
                $0.deallocate("O/1", from: "F")
            },
            "obtaining": parcelState {
                $0.allocate("O/1", to: "F")
                $0.obtain("O/1", "F", "SF")
            },
            "returning": parcelState {
                $0.allocate("O/1", to: "F")
                $0.return("O/1", "F", "SF", sf(1))
            },
            "returning two": parcelState {
                $0.allocate("O/1", to: "F")
                $0.return("O/1", "F", "SF", sf(1), extra: [sf(2)])
            },
            "returning the second": parcelState {
                $0.allocate("O/1", to: "F")
                $0.return("O/1", "F", "SF", sf(1), extra: [sf(2)])
                $0.simulation.step()
                $0.simulation.step()
            },
            "moving": parcelState {
                withNumber($0)
                $0.return("O/1", "F", "SF", sf(0))
                $0.changeRecipient("O/1", "F", city: "杭州市")
            },
            "claiming": parcelState {
                withNumber($0)
                $0.return("O/1", "F", "SF", sf(0))
                $0.claim("O/1", "SF", sf(1))
            },
        ]
    }

    private static func name(_ state: ParcelMachine.State) -> String {
        guard let parcel = state.parcels.first else { return "none" }
        guard let pending = parcel.pending, let first = pending.first else {
            guard parcel.phase == .returned else { return parcel.phase.rawValue }
            return parcel.isShredded == true ? "shredded" : parcel.shippedAt == nil ? "returned" : "shipped"
        }
        let name =
            switch first.kind {
            case .obtain: "obtaining"
            case .return where first.claims?.count == 1: "returning"
            case .return: first.granted == 0 ? "returning two" : "returning the second"
            case .claim: "claiming"
            case .readdress: "moving"
            default: "unexpected"
            }
        return pending.count == 1 ? name : "\(name) + one waits"
    }

    /// The label of the parcel that has a number.
    private static var openedLabel: LabelOpening {
        let service = WaybillService()
        service.topUp("F", "SF", sf(0), sf(0))
        service.allocate("O/1", to: "F")
        service.obtain("O/1", "F", "SF")
        service.simulation.run()
        service.openLabel("O/1", "F")
        return service.labels.first?.effect ?? LabelOpening()
    }

    private static var parcelInputs: [String: ParcelMachine.Input] {
        var toWarehouse = WaybillService.allocated("O/1", to: "W")
        toWarehouse.target = Target(.warehouse, "W")
        toWarehouse.recipientSealed = Verbatim(Sealed(keyId: "k", enc: "e", ciphertext: "c"))
        var fromWarehouse = WaybillService.deallocated("O/1", from: "W")
        fromWarehouse.target = Target(.warehouse, "W")
        var atWarehouse = WaybillService.recipientChanged("O/1", at: "W", city: "宁波市")
        atWarehouse.target = Target(.warehouse, "W")
        atWarehouse.recipientSealed = toWarehouse.recipientSealed
        let obtain = Obtain(orderId: "O", allocationId: "O/1", factoryShopId: "F", carrier: "SF")
        var obtainOther = obtain
        obtainOther.carrier = "ZTO"
        let print = MarkPrinted(orderId: "O", allocationId: "O/1", factoryShopId: "F")
        let reprint = ReportReprint(orderId: "O", allocationId: "O/1", factoryShopId: "F", reason: "torn")
        let back = Return(orderId: "O", allocationId: "O/1", factoryShopId: "F", carrier: "SF", waybillNumber: sf(3))
        var backTwo = back
        backTwo.extraNumbers = [sf(4)]
        var backOwn = back
        backOwn.waybillNumber = sf(0)
        let cancel = Cancel(orderId: "O", allocationId: "O/1", factoryShopId: "F")
        let claim = Claim(orderId: "O", allocationId: "O/1", carrier: "SF", waybillNumber: sf(3))
        var claimOwn = claim
        claimOwn.waybillNumber = sf(0)
        var fromShelf = WaybillService.shipped("O/1", from: "F")
        fromShelf.factoryShopId = nil
        fromShelf.warehouseId = "W"
        let identity = ParcelIdentity(orderId: "O", allocationId: "O/1", merchantShopId: "", factoryShopId: "", mergeKey: nil)
        let label = OpenLabel(
            orderId: "O", allocationId: "O/1", factoryShopId: "F", jobId: "job", publicKey: WaybillService.publicKey)
        let opening = openedLabel
        var old = opening
        old.recipientSealed = Verbatim(Sealed(keyId: "k", enc: "old", ciphertext: "c"))
        let unreadable = Refusal(.notFound, "no", field: "recipient")
        return [
            "open-label": .openLabel(label), "sealed label": .label(opening, .sealed(WaybillService.sealedLabel)),
            "sealed label of an old door": .label(old, .sealed(WaybillService.sealedLabel)),
            "unreadable label": .label(opening, .refused(unreadable)),
            "allocated": .allocated(WaybillService.allocated("O/1", to: "F")), "allocated to a warehouse": .allocated(toWarehouse),
            "deallocated from a warehouse": .deallocated(fromWarehouse),
            "recipient-changed of a warehouse": .recipientChanged(atWarehouse),
            "resealed": .resealed(Resealing(), .sealed(Sealed(keyId: "", enc: "", ciphertext: ""))),
            "unreadable recipient": .resealed(Resealing(), .refused(PartnerRefusal(reason: "no"))),
            "deallocated": .deallocated(WaybillService.deallocated("O/1", from: "F")),
            "recipient-changed": .recipientChanged(WaybillService.recipientChanged("O/1", at: "F", city: "宁波市")),
            "shipped": .shipped(WaybillService.shipped("O/1", from: "F")), "shipped from a warehouse": .shipped(fromShelf),
            "shred-recipient": .shreds(RecipientShredding("O", "O/1")),
            "obtain": .obtain(obtain), "obtain of another carrier": .obtain(obtainOther), "mark-printed": .markPrinted(print),
            "report-reprint": .reportReprint(reprint),
            "return": .return(back), "return of two": .return(backTwo), "return of its own number": .return(backOwn),
            "cancel": .cancel(cancel), "claim": .claim(claim), "claim of its own number": .claim(claimOwn),
            "granted": .answer(ParcelAnswer(identity, number: sf(2), outcome: .granted)),
            "used": .answer(ParcelAnswer(identity, number: sf(0), outcome: .used)),
            "empty": .answer(ParcelAnswer(identity, number: "", outcome: .empty)),
        ]
    }

    @Test func everyRowOfTheParcelsTableHolds() throws {
        let table = StateTable<ParcelMachine>(
            file: "Shared/StateMachines/Waybill/ParcelMachine.swift", states: Self.parcelStates, inputs: Self.parcelInputs,
            actor: { _, input in
                switch input {
                case _ where input.hasPrefix("claim"): Actor(.service, "shipping")
                case "open-label": Actor(.service, "console")
                default: Actor(.factory, "F")
                }
            },
            groups: [
                "under way": ["obtaining", "returning", "returning two", "returning the second", "moving", "claiming"],
                "back": ["returned", "shipped", "shredded"],
            ],
            whole: [
                "allocated", "deallocated", "recipient-changed", "shipped", "obtain", "mark-printed", "report-reprint", "return", "cancel",
                "claim", "open-label",
                "granted",
            ],
            name: Self.name, emissionName: waybillName)
        let problems = try table.problems()
        #expect(problems == [])
    }

    @Test func everyRowOfThePoolsTableHolds() throws {
        func pool(_ prepare: (WaybillService) -> Void) -> PoolMachine.State {
            let service = WaybillService()
            prepare(service)
            service.simulation.run()
            return service.simulation.state(PoolMachine.self, "pool:F")
        }
        let topUp = TopUp(factoryShopId: "F", carrier: "SF", first: sf(0), last: sf(0))
        var another = topUp
        another.first = sf(1)
        another.last = sf(9)
        let parcel = ParcelIdentity(orderId: "", allocationId: "", merchantShopId: "", factoryShopId: "F", mergeKey: nil)
        let inputs: [String: PoolMachine.Input] = [
            "top-up": .topUp(topUp), "top-up of other numbers": .topUp(another), "take": .take(PoolNumberRequest(parcel, carrier: "SF")),
            "take of another carrier": .take(PoolNumberRequest(parcel, carrier: "ZTO")),
        ]
        let states = [
            "no numbers": pool { _ in },
            "numbers": pool { $0.topUp("F", "SF", sf(0), sf(0)) },
            "used up": pool {
                $0.topUp("F", "SF", sf(0), sf(0))
                $0.allocate("O/1", to: "F")
                $0.obtain("O/1", "F", "SF")
            },
        ]
        let table = StateTable<PoolMachine>(
            file: "Shared/StateMachines/Waybill/PoolMachine.swift", states: states, inputs: inputs,
            actor: { _, _ in Actor(.factory, "F") }, whole: Array(inputs.keys),
            name: { state in
                guard let supply = state.carriers.first else { return "no numbers" }
                return supply.current < supply.segments.count ? "numbers" : "used up"
            }, emissionName: waybillName)
        let problems = try table.problems()
        #expect(problems == [])
    }

    @Test func everyRowOfTheNumbersTableHolds() throws {
        func identity(_ order: String, _ merchant: String, mergeKey: String? = nil) -> ParcelIdentity {
            ParcelIdentity(orderId: order, allocationId: "\(order)/1", merchantShopId: merchant, factoryShopId: "F", mergeKey: mergeKey)
        }
        func claim(_ parcel: ParcelIdentity, _ kind: NumberClaim.Kind) -> NumberMachine.Input {
            .claim(NumberClaim(parcel, carrier: "SF", number: sf(0), kind: kind))
        }
        func settle(keep: Bool) -> NumberMachine.Input {
            .settle(NumberClaimResolved(allocationId: "O1/1", carrier: "SF", number: sf(0), keep: keep))
        }
        let own = identity("O1", "M", mergeKey: "door")
        let another = identity("O2", "N")
        let inputs: [String: NumberMachine.Input] = [
            "claim bind": claim(own, .bind), "claim bind of the same": claim(own, .bind),
            "claim bind, packed together": claim(identity("O3", "M", mergeKey: "door"), .bind), "claim hold": claim(own, .hold),
            "claim hold of the same": claim(own, .hold), "claim bind of another": claim(another, .bind),
            "claim hold of another": claim(another, .hold), "claim fresh": claim(own, .fresh), "kept": settle(keep: true),
            "given back": settle(keep: false), "claim move of the same": claim(identity("O1", "M", mergeKey: "other door"), .move),
            "claim move to the same door": claim(own, .move),
        ]
        func after(_ names: [String]) -> NumberMachine.State {
            var state = NumberMachine.State()
            let origin = Origin(id: "before", type: "t", key: "k", correlationId: "before")
            let time = Timestamp(milliseconds: 0)
            for name in names {
                let context = Context(origin: origin, actor: Actor(.service, "waybill"), time: time, now: time, tables: MemoryTables())
                guard let input = inputs[name], case .accept(let events) = NumberMachine.decide(state, input, context) else { continue }
                for event in events { NumberMachine.evolve(&state, event) }
            }
            return state
        }
        let states = [
            "free": after([]), "bound": after(["claim bind"]), "shared": after(["claim bind", "claim bind, packed together"]),
            "held": after(["claim hold"]),
            "held + bound": after(["claim bind", "claim hold of the same"]),
            "held + one waits": after(["claim hold", "claim bind of another"]),
        ]
        let table = StateTable<NumberMachine>(
            file: "Shared/StateMachines/Waybill/NumberMachine.swift", states: states, inputs: inputs,
            actor: { _, _ in Actor(.service, "waybill") }, whole: ["kept", "given back"],
            name: { state in
                let names = [
                    state.held == nil ? nil : "held", state.holder.map { $0.orders.count > 1 ? "shared" : "bound" },
                    state.waiting == nil ? nil : "one waits",
                ]
                let name = names.compactMap(\.self).joined(separator: " + ")
                return name.isEmpty ? "free" : name
            }, emissionName: waybillName)
        let problems = try table.problems()
        #expect(problems == [])
    }
}
