/// A place in a list that is ordered by time: items of one time by a hash of their id.
struct ListPlace: Comparable {
    /// Milliseconds since 1970.
    var at: Int
    var key: Int

    static func < (left: ListPlace, right: ListPlace) -> Bool { left.at != right.at ? left.at < right.at : left.key < right.key }
}

/// What a list is filtered and ordered by, of an order in its merchant's list or of a parcel in its factory's. 56 bytes.
struct ListRow: Equatable {
    var place: ListPlace
    /// Latest time of shipping; beyond any time where there is none.
    var due: Int
    /// Of an order its row; of a parcel `ModelWriter.row(of:order:)`.
    var n: Int
    /// Hash of a parcel's door; 0: none.
    var door = 0
    /// Number of an order's factory or of a parcel's merchant; 0: none; ``several``.
    var partner: Int32 = 0
    /// Number of a parcel's carrier; 0: none.
    var carrier: Int32 = 0
    /// Number of the goods' text among those of the lists.
    var goods: Int32 = 0
    /// As `Code` numbers states.
    var state: UInt8 = 0
    /// A bit for each hold.
    var holds: UInt8 = 0
    var isReady = false

    /// Of an order with more than one factory: the list knows them by the row.
    static let several: Int32 = -1
    /// How far a parcel's number is from its order's.
    static let parcelBits = 20
}

/// A change of a list: a row that is gone, one that is new, or both.
struct ListChange {
    /// As `Code` numbers lists.
    var scope: Int
    /// Where the row was; nil: nowhere.
    var before: ListPlace?
    /// nil: it is gone.
    var row: ListRow?
    /// Its goods and remark, without case.
    var goods = ""
    /// Of an order with more than one factory: their numbers.
    var partners: [Int32] = []
}

/// Which rows of a list are wanted.
struct ListFilter {
    /// A bit for each state.
    var states = ~UInt8(0)
    /// Rows with one of these; 0: all.
    var holds: UInt8 = 0
    var isReady: Bool?
    var partner: Int32?
    var carrier: Int32?
    var door: Int?
    /// Milliseconds since 1970: `from` ≤ time < `to`, due < `dueBefore`.
    var from = Int.min
    var to = Int.max
    var dueBefore = Int.max
}

/// How a page goes through a list.
struct ListWindow {
    var order: ListOrder
    /// The last item of the page before: by time, or by due time.
    var after: ListPlace?
    /// The most rows that are wanted.
    var limit: Int
}
