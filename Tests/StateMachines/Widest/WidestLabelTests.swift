import Contracts
import JSON
import Machines
import StateMachines
import Testing

extension WidestTests {
    /// The longest that is kept, of bytes that take most as JSON.
    private static let longestLabel = PlatformLabel(
        template: String(repeating: "t", count: 4000), data: String(repeating: "\u{1}", count: 48_000))

    /// The labels of a parcel that has a number of its pool, or of its platform.
    @Test(arguments: Widest.Edge.allCases, ["", "pdd-fds:"])
    func labels(_ edge: Widest.Edge, _ prefix: String) throws {
        var widest = Widest(edge)
        widest.orderId = Widest.filled(180, prefix)
        let granted = ParcelMachine.Input.answer(try widest.make(ParcelAnswer.self) { $0.outcome = .granted })
        let obtain = try widest.make(Obtain.self)
        let call = PlatformCall.obtaining(obtain)
        try expect(
            "\(edge) \(prefix)",
            Explorer<ParcelMachine>(
                inputs: [
                    .openLabel(try widest.make(OpenLabel.self)), .recipientChanged(try widest.make(RecipientChanged.self)),
                    .deallocated(try widest.make(Deallocated.self)),
                ],
                first: [
                    .allocated(try widest.make(Allocated.self) { $0.target = Target(.factory, Widest.factory) }), .obtain(obtain),
                    .platform(call, .obtained(number: widest.waybillNumber, Self.longestLabel)), granted,
                ],
                actors: [Actor(.factory, Widest.factory), Actor(.service, "console")], tables: try widest.tables(),
                answers: { effect in
                    guard let effect = effect as? LabelOpening else { return [] }
                    return [
                        .label(effect, .sealed(try widest.make(SealedLabel.self))),
                        .label(effect, .refused(Refusal(.partnerRejected, AbsurdPartner.refusal.reason))),
                    ]
                }),
            reaches: ["refused not-allocated"]
                + (prefix.isEmpty && edge == .required
                    ? ["refused not-found"] : ["effect open-label", "label-opened", "refused partner-rejected"]))
    }
}

extension PlatformCall {
    /// What a command asks of the platform.
    fileprivate static func obtaining(_ command: Obtain) -> PlatformCall {
        var call = PlatformCall()
        call.orderId = command.orderId
        call.allocationId = command.allocationId
        call.factoryShopId = command.factoryShopId
        call.carrier = command.carrier
        return call
    }
}
