"""The place of a participant whom a model of sensors did not test."""

from tinglegram.report.figures.tinglegram import describe_untested, draw_untested


def test_the_figure_says_what_its_caption_says():
    sentence = describe_untested(4, "skin")
    figure = draw_untested("Participant 4, model skin", sentence)
    assert [text.get_text() for text in figure.texts] == ["Participant 4, model skin", sentence]
    assert figure.axes == []
