from sentigrade.data.augmented_manifest import format_line


def test_a_label_is_a_number_and_several_are_a_list() -> None:
    assert format_line([3], 'a "fine" film', several=False) == '{"source":"a \\"fine\\" film","label":3}\n'
    assert format_line([1, 3], "caf\u00e9", several=True) == '{"source":"caf\u00e9","label":[1,3]}\n'


def test_where_several_labels_are_possible_one_and_none_are_lists_too() -> None:
    assert [format_line(numbers, "", several=True) for numbers in ([2], [])] == [
        '{"source":"","label":[2]}\n',
        '{"source":"","label":[]}\n',
    ]
