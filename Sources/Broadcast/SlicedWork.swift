package import EventLoops

/// Work on a list, a slice of it in each turn of a loop, so that a long list does not keep the loop from everything
/// else. Touched on its loop only.
///
///     SlicedWork(sessions, on: loop, as: work) { $0.close() }.start()
package final class SlicedWork<Element> {
    private var slices: Slices<Element>
    private let loop: EventLoop
    private let work: TurnWork
    private let body: (Element) -> Void
    private let ended: (Duration) -> Void

    /// - Parameters:
    ///   - size: elements in a slice. 256 sends take some hundred microseconds.
    ///   - work: what the turns are called that the slices are done in.
    ///   - body: called for each element, in order.
    ///   - ended: told once how long all slices took, without what the loop did between them.
    package init(
        _ elements: [Element], size: Int = 256, on loop: EventLoop, as work: TurnWork,
        _ body: @escaping (Element) -> Void, ended: @escaping (Duration) -> Void = { _ in }
    ) {
        slices = Slices(elements, size: size)
        self.loop = loop
        self.work = work
        self.body = body
        self.ended = ended
    }

    /// Does one slice in this turn, and the others in the turns that follow.
    package func start() {
        loop.begins(work)
        let start = MonotonicInstant.read()
        for element in slices.next() { body(element) }
        if let spent = slices.sliceEnded(after: MonotonicInstant.read().since(start)) { return ended(spent) }
        let rest = LoopBound(self, on: loop)
        loop.execute { rest.value.start() }
    }

    /// Adds an element at the end, before the last slice has ended.
    package func append(_ element: Element) {
        slices.append(element)
    }
}

/// A list that is cut into slices, and the time that they took.
struct Slices<Element> {
    private var elements: [Element]
    private var done = 0
    private let size: Int
    private var spent: Duration = .zero

    init(_ elements: [Element], size: Int) {
        self.elements = elements
        self.size = max(size, 1)
    }

    /// The elements of the next slice; none when all had their turn.
    mutating func next() -> ArraySlice<Element> {
        let start = done
        done += min(size, elements.count - done)
        return elements[start..<done]
    }

    /// A slice is done.
    /// - Returns: what all slices took, once there is no further one.
    mutating func sliceEnded(after duration: Duration) -> Duration? {
        spent += duration
        return done == elements.count ? spent : nil
    }

    mutating func append(_ element: Element) {
        elements.append(element)
    }
}
