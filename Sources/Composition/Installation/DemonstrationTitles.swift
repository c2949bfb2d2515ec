/// What a company of parrots has to do.
enum DemonstrationTitles {
    static let all = [
        "POP-1: Feed the cat", "[POP-2] - Water the palms on the second floor", "POP-3; Polish the mirrors",
        "POP-4 Count the sunflower seeds", "Mend the swing in the meeting room", "POP-6: Write the minutes of Monday",
        "POP-7: Ask the neighbours about the noise", "Order more millet", "POP-9 | Teach the intern to say hello",
        "POP-10: Clean the big cage", "Label the boxes in the attic", "POP-12: Answer the letter from the harbour",
        "POP-13: Test the new doorbell", "Find out who ate the almonds", "POP-15: Sort the feathers by colour",
        "POP-16: Replace the bulb above the perch", "Call the vet about Thursday", "POP-18: Draft the flight plan",
        "POP-19: Repeat everything twice", "Return the borrowed ladder", "POP-21: Photograph the nest for the archive",
        "POP-22: Translate the menu", "Water the palms again", "POP-24: Check the weather for the excursion",
        "POP-25: Update the list of passwords nobody should say aloud", "Sharpen the beaks",
        "POP-27: Empty the post box",
        "POP-28: Prepare the talk on echoes", "Air the library", "POP-30: Compare offers for walnuts",
        "POP-31: Paint the fence green", "Rehearse the anthem", "POP-33: Invite the canaries",
        "POP-34: Fix the squeaky door",
        "Weigh everybody", "POP-36: Archive the old songs", "POP-37: Rewrite the safety rules for fans",
        "Buy string, and hide it from the cat", "POP-39: Survey the roof", "POP-40: Tune the piano",
        "Hang the calendar straight", "POP-42: Feed the cat, this time really", "POP-43: Thank the harbour",
        "Make a backup of the songs", "POP-45: Plan the autumn party", "POP-46: Choose a new bell", "Sweep the balcony",
        "POP-48: Measure the wingspan of the drone", "POP-49: Write down what the old parrot knows", "Rest",
        "POP-51: Bring the maps", "POP-52: Practise landing", "Return the key of the archive", "POP-54: Mark the eggs",
        "POP-55: Repair the seed counter", "Say thank you to the night shift", "POP-57: Try the new perch",
        "POP-58: Collect the receipts of October", "Make room for the newcomers", "POP-60: Close the windows",
        "POP-61: Check the first-aid box", "POP-62: Practise saying no", "Fill in the form about forms",
        "POP-64: Untangle the garland", "POP-65: Describe the smell of rain", "Wash the toy bells",
        "POP-67: Inspect the nets", "POP-68: Plant basil", "POP-69: Mute the alarm clock", "Count the chairs",
    ]
}
