import Contracts
import Machines

/// How an order's parcels reach ``ParcelERP``.
extension ParcelMachine {
    static func erp(_ state: State, _ input: ParcelERP.Input, _ context: Context) -> [Event] {
        (state.erp ?? ParcelERP()).steps(input, context).map { .erp($0) }
    }

    /// What has happened, and what the ERP is asked because of it.
    static func addingERPSteps(_ state: State, _ events: [Event], _ context: Context) -> [Event] {
        events
            + events.flatMap { event -> [Event] in
                switch event {
                case .opened(let message, let parcel) where !isVoided(message.allocationId, by: events):
                    erp(state, .opened(message, goods: parcel.platform?.goods.map(\.goodsNo)), context)
                case .voided(let message, _): erp(state, .voided(message), context)
                default: []
                }
            }
    }

    /// It ends as soon as it begins: nobody hears of it.
    private static func isVoided(_ allocationId: String, by events: [Event]) -> Bool {
        events.contains { event in
            if case .voided(let message, _) = event { message.allocationId == allocationId } else { false }
        }
    }
}
