import Composition

await Popug.main()
