import Contracts

@testable import StateMachines

/// Where tests look into an order's parts.
extension ShipmentState {
    var merchant: String? { order.merchant }
    var ships: [PendingShip]? { parcels?.ships }
    var amends: [PendingAmend]? { parcels?.amends }
    var pulls: [PendingPull]? { outbounds?.pulls }

    func uploads(to target: UploadTarget) -> TargetUploads { (uploads ?? OrderUploads()).uploads(to: target) }
}
