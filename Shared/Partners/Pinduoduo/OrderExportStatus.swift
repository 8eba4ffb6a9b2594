extension OrderExport {
    /// 订单状态.
    public enum Status: String, Sendable, CaseIterable {
        case pendingPayment = "待支付"
        case toShip = "待发货"
        case shipped = "已发货，待签收"
        case received = "已签收"
        case cancelled = "已取消"
        case unshippedRefunded = "未发货，退款成功"
        case shippedRefunded = "已发货，退款成功"
        case receivedRefunded = "已签收，退款成功"
        case cancelledRefunded = "已取消，退款成功"
        /// The group did not fill up.
        case unconcludedRefunded = "未成交，退款成功"

        /// Takes commas of either width or none, blanks, and the names of older exports; nil if the text is none of them.
        init?(text: String) {
            guard let status = Self.known[text] ?? Self.known[StatusText.normalised(text)] else { return nil }
            self = status
        }

        private static let known: [String: Status] = {
            var known: [String: Status] = [:]
            for status in allCases {
                known[status.rawValue] = status
                known[StatusText.normalised(status.rawValue)] = status
            }
            for text in ["已发货待收货", "待收货", "待签收", "已发货"] { known[text] = .shipped }
            known["待付款"] = .pendingPayment
            known["已收货"] = .received
            known["已收货退款成功"] = .receivedRefunded
            return known
        }()
    }

    /// 售后状态, of the order's newest after-sale.
    public enum AfterSale: Sendable, Equatable {
        /// 无售后或售后取消: there is none, or it was taken back.
        case none
        /// Ended without a refund of the order: withdrawn, refused, expired, exchanged, repaired.
        case closed(String)
        /// Not decided, or decided and not done. The text is the cell's.
        case open(Kind, String)
        /// The money went back.
        case refunded(String)

        /// What the buyer asked for; the raw value is what the topic of facts calls it.
        public enum Kind: String, Sendable, CaseIterable {
            case refund
            case returnAndRefund = "return-and-refund"
            case exchange
            case resend
            case repair
            /// The buyer refuses the parcel at the door.
            case refusal
            /// The merchant calls the parcel back on its way.
            case recall
            /// The state's name does not tell.
            case unspecified
        }

        /// Takes the names of the platform's after-sale states, with 买家, 用户 or 消费者 for the buyer, commas of either width or none, and
        /// the export's own collective names; nil if the text is none of them.
        package init?(text: String) {
            guard let state = Self.known[text] ?? Self.known[StatusText.normalised(text)] else { return nil }
            self =
                switch state {
                case .none: .none
                case .closed: .closed(text)
                case .open(let kind): .open(kind, text)
                case .refunded: .refunded(text)
                }
        }

        private enum State {
            case none, closed, refunded
            case open(Kind)
        }

        /// By normalised name. First the states of the order interface by their numbers 0 to 33, then the export's own.
        private static let known: [String: State] = {
            let states: [(State, [String])] = [
                (.none, ["无售后", "无售后或售后取消", "无售后或售后关闭", "无售后/取消售后", "无"]),
                (
                    .open(.refund),
                    [
                        "买家申请退款，待商家处理", "商家同意退款，退款中", "平台同意退款，退款中", "驳回退款，待买家处理", "商家拒绝退款，待买家处理", "退款中", "待商家退款",
                    ]
                ),
                (
                    .open(.returnAndRefund),
                    [
                        "退货退款，待商家处理", "买家申请退货退款，待商家处理", "已同意退货退款，待买家发货", "商家同意退货退款，待买家发货", "买家已发货，待商家处理",
                        "买家已发货，待商家收货", "商家拒绝退货退款，待买家处理",
                    ]
                ),
                (.open(.exchange), ["换货补寄待商家处理", "换货补寄待买家处理", "换货补寄待买家确认完成", "商家已发货，待买家确认收货", "买家申请换货，待商家处理"]),
                (.open(.resend), ["补寄待商家发货", "待商家补寄发货"]),
                (.open(.repair), ["待商家同意维修", "待买家确认发货", "待买家确认收货"]),
                (.open(.refusal), ["已同意拒收退款，待买家拒收", "商家同意拒收退款，待买家拒收"]),
                (.open(.recall), ["待商家召回", "同意召回后退款，待商家召回"]),
                (.open(.unspecified), ["平台处理中", "售后处理中"]),
                (.refunded, ["退款成功", "退货退款成功", "退货退款，退款成功"]),
                (
                    .closed,
                    [
                        "平台拒绝退款，退款关闭", "买家撤销", "买家逾期未处理，退款失败", "买家逾期，超过有效期", "换货补寄成功", "换货补寄失败", "换货成功", "补寄成功",
                        "维修关闭", "维修成功", "售后取消，退款失败", "售后取消", "售后关闭", "退款关闭", "退款失败",
                    ]
                ),
            ]
            var known: [String: State] = [:]
            for (state, names) in states {
                for name in names {
                    known[name] = state
                    known[StatusText.normalised(name)] = state
                }
            }
            return known
        }()
    }

    /// Names of states as people and programs write them.
    enum StatusText {
        /// Without blanks, commas and slashes; the buyer is 买家.
        static func normalised(_ text: String) -> String {
            var bare = String.UnicodeScalarView()
            for scalar in text.unicodeScalars where !separators.contains(scalar) { bare.append(scalar) }
            return String(bare).replacing("用户", with: "买家").replacing("消费者", with: "买家")
        }

        private static let separators: Set<Unicode.Scalar> = [" ", "\t", "\r", "\n", "\u{3000}", "\u{A0}", ",", "，", "、", ";", "；", "/"]
    }
}
