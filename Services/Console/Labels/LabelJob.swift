import Contracts
import Crypto
import JSON
import Labels
import Observability
import ReadModel
import Runtime
import Texts

/// One print job, from its commands to its labels. Its private key and what it opens are in memory alone, as long as the job is: the time
/// that waybill has, and that of drawing.
struct LabelJob: Sendable {
    /// A parcel whose label is asked for.
    struct Parcel: Sendable {
        /// In the request, from 0.
        let index: Int
        let view: ParcelView
        let commandId: String
    }

    let jobId: String
    let request: PrintRequest
    let parcels: [Parcel]
    /// Of parcels that were refused before, by their index in the request.
    private let refusals: [Int: LabelRefusal]
    private let keys: HPKE.KeyPair

    /// - Throws: when there is no randomness.
    init(_ request: PrintRequest, _ parcels: [(index: Int, view: ParcelView)], _ refusals: [Int: LabelRefusal]) throws(CryptoError) {
        jobId = RandomUUID.v4()
        keys = try HPKE.generateKeyPair()
        (self.request, self.refusals) = (request, refusals)
        self.parcels = parcels.map { Parcel(index: $0.index, view: $0.view, commandId: RandomUUID.v4()) }
    }

    func command(for parcel: Parcel) -> OpenLabel {
        OpenLabel(
            orderId: parcel.view.orderId, allocationId: parcel.view.allocationId, factoryShopId: parcel.view.factoryShopId, jobId: jobId,
            publicKey: Base64.encode(keys.publicKey))
    }

    // MARK: Labels

    /// Opens the answers and draws what was asked for. A second of a core for 500 labels.
    /// - Parameter carrierName: a carrier's name by its code.
    func print(
        _ answers: [String: LabelAnswers.Answer], _ renderer: LabelRenderer, carrierName: (String) -> String, _ logger: Logger
    ) -> LabelDesk.Outcome {
        var refusals = refusals
        var labels: [(parcel: Parcel, content: LabelContent)] = []
        var items: [PrintItem] = []
        for parcel in parcels {
            do throws(LabelRefusal) {
                let plaintext = try opened(parcel, answers[parcel.commandId], logger)
                if request.product == .component {
                    items.append(try item(parcel, plaintext))
                } else {
                    labels.append((parcel, try content(parcel, plaintext, carrierName)))
                }
            } catch { refusals[parcel.index] = error }
        }
        if request.product == .component { return outcome(refusals) { .items(items, leftOut: $0) } }
        return draw(labels, refusals, renderer, logger)
    }

    private func draw(
        _ labels: [(parcel: Parcel, content: LabelContent)], _ refusals: [Int: LabelRefusal], _ renderer: LabelRenderer, _ logger: Logger
    ) -> LabelDesk.Outcome {
        var refusals = refusals
        var file: [UInt8] = []
        func refuse(_ problems: [LabelProblem]) {
            for problem in problems where labels.indices.contains(problem.label) {
                let parcel = labels[problem.label].parcel
                refusals[parcel.index] = LabelRefusal(parcel.view.allocationId, problem)
            }
        }
        if let first = labels.first {
            do throws(LabelError) {
                if request.product == .svg {
                    file = try renderer.svg(first.content)
                } else {
                    let drawn = try renderer.pdf(labels.map(\.content), partial: request.isPartial)
                    file = drawn.bytes
                    refuse(drawn.problems)
                }
            } catch {
                guard case .problems(let problems) = error else {
                    logger.error("labels cannot be drawn", ["job": jobId, "reason": "\(error)"])
                    return .problem(.unavailable)
                }
                refuse(problems)
            }
        }
        return outcome(refusals) { .file(file, leftOut: $0) }
    }

    /// What was printed, if it may be; otherwise why it was not.
    private func outcome(_ refusals: [Int: LabelRefusal], _ printed: ([LabelRefusal]) -> LabelDesk.Outcome) -> LabelDesk.Outcome {
        let all = refusals.sorted { $0.key < $1.key }.map(\.value)
        guard all.isEmpty || request.isPartial && all.count < request.allocationIds.count else { return .refused(all) }
        return printed(all)
    }

    // MARK: What is sealed

    private func opened(_ parcel: Parcel, _ answer: LabelAnswers.Answer?, _ logger: Logger) throws(LabelRefusal) -> [UInt8] {
        let id = parcel.view.allocationId
        switch answer {
        case nil: throw .unanswered(id)
        case .refused(let refusal): throw LabelRefusal(id, refusal)
        case .opened(let sealed):
            guard let enc = Base64.decode(Array(sealed.enc.utf8)), let ciphertext = Base64.decode(Array(sealed.ciphertext.utf8)),
                let plaintext = try? HPKE.open(
                    HPKE.Sealed(enc: enc, ciphertext: ciphertext), with: keys, info: Array(SealInfo.label.utf8), aad: Array(id.utf8))
            else {
                logger.error("what waybill has sealed for a label cannot be opened", ["job": jobId, "allocationId": id])
                throw .unavailable(id)
            }
            return plaintext
        }
    }

    private func content(_ parcel: Parcel, _ plaintext: [UInt8], _ carrierName: (String) -> String) throws(LabelRefusal) -> LabelContent {
        guard let contents = try? LabelContents.decodeStored(plaintext), !contents.waybillNumber.isEmpty else {
            throw .platformWaybill(parcel.view.allocationId)
        }
        let total = request.allocationIds.count
        return LabelContent(
            contents, parcel.view, carrierName: carrierName(contents.carrier),
            place: total > 1 ? LabelContent.Place(parcel.index + 1, of: total) : nil)
    }

    private func item(_ parcel: Parcel, _ plaintext: [UInt8]) throws(LabelRefusal) -> PrintItem {
        guard let contents = try? PlatformLabelContents.decodeStored(plaintext), contents.platform == Platform.pinduoduo.rawValue else {
            throw .noPlatformWaybill(parcel.view.allocationId)
        }
        return PrintItem(
            allocationId: parcel.view.allocationId, component: contents.platform, documentId: parcel.view.waybillNumber ?? "",
            content: contents.printData)
    }
}

/// An e-waybill for a platform's print component.
struct PrintItem: Sendable, Equatable {
    var allocationId: String
    /// Whose component it is.
    var component: String
    /// The waybill number.
    var documentId: String
    /// The platform's text, byte for byte.
    var content: String
}

extension LabelContent {
    /// - Parameters:
    ///   - contents: what only the label shows.
    ///   - parcel: what the factory sees anyway.
    init(_ contents: LabelContents, _ parcel: ParcelView, carrierName: String, place: Place?) {
        let sender = (try? contents.sender?.value) ?? parcel.sender.flatMap { try? Contracts.Sender.decodeStored($0.bytes) }
        self.init(
            carrier: contents.carrier, carrierName: carrierName, waybillNumber: contents.waybillNumber,
            furtherNumbers: contents.extraNumbers ?? [],
            recipient: Recipient(
                name: contents.recipient.name, phone: contents.recipient.phone, address: Address(contents.recipient.address)),
            sender: LabelContent.Sender(
                alias: parcel.shopAlias, name: sender?.name ?? "", phone: sender?.phone ?? "", address: (sender?.address).map(Address.init)),
            lines: parcel.lines.map { Line(name: $0.name, spec: $0.spec, quantity: $0.quantity) }, remark: parcel.remark,
            orderNumber: Self.shortNumber(parcel), place: place)
    }

    /// As people say it: without the platform's name before it; with the part where the order has several.
    private static func shortNumber(_ parcel: ParcelView) -> String {
        let number = parcel.orderId.split(separator: ":").last.map(String.init) ?? parcel.orderId
        let part = parcel.allocationId.split(separator: "/").last.map(String.init) ?? "1"
        return part == "1" ? number : "\(number)/\(part)"
    }
}

extension LabelContent.Address {
    fileprivate init(_ address: Contracts.Address) {
        self.init(
            province: address.province, city: address.city, district: address.district, town: address.town, detail: address.detail)
    }
}
