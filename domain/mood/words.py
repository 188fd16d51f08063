"""Words by which moods are told, in English and in Arabic from the Gulf, Saudi Arabia, the Levant, Egypt and Iraq."""

from __future__ import annotations

from domain.answering.wordlist import WordList

INSULT = WordList(
    """idiot, idiots, stupid, moron, morons, dumb, useless, liar, liars, thieves, thief, scammers, crooks, shut up,
    damn you, screw you, go to hell, piece of garbage, piece of trash, bloody hell, wtf, bullshit, غبي, اغبيا, حمار,
    حمير, كذاب, كذابين, نصاب, نصابين, حراميه, حرامي, حقير, حقيرين, وقح, وقحين, تافه, تافهين, قليل ادب, قليلين ادب,
    قليل الذوق, ما تستحون, ما تستحوا, عيب عليكم, الله ياخذكم, الله لا يوفقكم, يلعن, الله يلعن, اخرس, اسكت, انقلع,
    زباله, وسخين, نصب عليا, بتنصبوا, فاشلين, فاشل, متخلفين"""
)
ANGER = WordList(
    """angry, furious, mad at you, so mad, outraged, outrageous, unacceptable, disgusting, disgusted, ridiculous,
    fed up, sick of this, sick and tired, had enough, ive had it, enough is enough, i hate, hate this, worst,
    worst service, horrible, terrible, pathetic, shame on you, disgrace, disgraceful, rip off, ripped off,
    how dare you, what the hell, غاضب, غاضبه, معصب, معصبه, معصبين, زعلان جدا, متنرفز, متنرفزه, منرفز, نرفزتوني,
    مقهور, مقهوره, قهرتوني, قهر, قهرني, رفعتوا ضغطي, رفعتو ضغطي, طفح الكيل, طفح كيلي, زهقت, زهقتوني, زهقان, مليت,
    مليت منكم, قرفت, قرفتوني, قرفان, طقت روحي, طفشت, طفشتوني, ضقت ذرعا, كفايه بقي, حرام عليكم, مهزله, مسخره, فضيحه,
    زفت, زي الزفت, اسوا خدمه, اسوء خدمه, اسوا شركه, خدمه سييه, خدمه زفت, غير مقبول, مو مقبول, مش مقبول, مب مقبول,
    ما يصير هالكلام, ما يصير كذا, ايش هالمسخره, شو هالمسخره, شنو هالمهزله, ايه القرف ده, ايه الهبل ده, اكره, جننتوني,
    جننتوني معاكم, هتجنن, انجنيت, بدي انفجر, هنفجر"""
)
THREAT = WordList(
    """lawyer, sue you, take you to court, to court, legal action, consumer protection, report you, complain about you,
    formal complaint, file a complaint, make a complaint, never buy, never again, bad review, cancel everything,
    tell everyone, محامي, المحكمه, محكمه, ارفع عليكم, اقاضيكم, حمايه المستهلك, بشتكي, راح اشتكي, رح اشتكي, هشتكي,
    اشتكي عليكم, اشتكيكم, شكوي رسميه, ارفع شكوي, اقدم شكوي, اعمل شكوي, ابلغ عنكم, بلغت عنكم, افضحكم, بفضحكم, هفضحكم,
    ما عاد اشتري, ما راح اشتري, مش هشتري, اخر مره اتعامل, اخر مره اشتري"""
)
ANNOYANCE = WordList(
    """losing my patience, lost my patience, cant believe this, what a shame, تعبت منكم, تعبتوني, ما عندكم ذوق,
    ايه الخدمه دي, you people are a joke, annoyed, annoying, frustrated, frustrating, disappointed, disappointing,
    upset, unhappy, not good enough, not helpful, unhelpful, doesnt help, does not help, not helping,
    you dont understand, you do not understand, you dont get it, you are not listening, youre not listening,
    makes no sense, nonsense, bad service, poor service, come on, seriously, are you kidding, you must be kidding,
    for gods sake, for heavens sake, still not working, still broken, still not here, nobody helps, nobody answers,
    waste of time, wasting my time, زعلان, زعلانه, منزعج, منزعجه, متضايق, متضايقه, مستا, مستاء, مستايه, محبط, محبطه,
    مو راضي, مش راضي, مب راضي, غير راضي, خاب ظني, خيبه امل, ما تفهم, ما تفهمون, ما تفهمني, ما بتفهم, مش فاهم عليا,
    مش فاهمني, مانت فاهم, ما انت فاهم, مو فاهم علي, ما فهمتني, ما فهمت علي, مش بتفهم, ما ساعدتني, ما ساعدتوني,
    ما استفدت, مفيش فايده, ما في فايده, ما في فايدة, مافيه فايده, ما منك فايده, محد يرد, محد رد, محدش بيرد, محدش رد,
    ما حد رد, ما حدا رد, ما حد يرد, يا اخي, يا عمي, يا ابن الحلال, شو هاد, شو هذا, شنو هذا, ايش هذا, وش هذا, ايه ده,
    مو معقول, مش معقول, مب معقول, غير معقول, معقول هيك, تضييع وقت, ضيعتوا وقتي, بتضيعوا وقتي, لسه ما وصل, لسا ما وصل,
    للحين ما وصل, لين الحين ما وصل, ما زال ما يشتغل, تاخرتوا, تاخرتم, مماطله, تماطلون, بتماطلوا, خربان للحين"""
)
TOLD_BEFORE = WordList(
    """i already told you, already told you, i told you, i already said, i just told you, i said that, as i said,
    how many times, third time, fourth time, fifth time, the tenth time, again and again, over and over, same thing,
    same problem again, keep telling, keep asking, keep saying, i have called, ive called, i called three, قلت لك,
    قلتلك, قلت لكم, قلتلكم, قايل لك, قايلك, حكيتلك, حكيت لك, قولتلك, قولتلكم, كم مره, كم مرة, كام مره, ثالث مره,
    رابع مره, خامس مره, تالت مره, عاشر مره, الف مره, نفس الموضوع, نفس الكلام, نفس المشكله, اكثر من مره, اكتر من مره,
    عيد وزيد, كل يوم اتصل, اتصلت كثير, اتصلت كتير, اتصلت عشر"""
)
WAITED_LONG = WordList(
    """waiting for an hour, waiting for hours, waiting for days, waiting for weeks, waiting for ages, waiting forever,
    been waiting, still waiting, an hour on hold, on hold for, for two weeks, for three weeks, for a month, too long,
    takes forever, منتظر من, انتظر من, ننتظر من, استني من, مستني من, بستني من, ناطر من, ناطره من, صار لي ساعه,
    صارلي ساعه, صار لي اسبوع, صارلي اسبوع, صارلي شهر, صار لي شهر, صارلي يومين, لي ساعه, لي اسبوع, من ساعه وانا,
    بقالي ساعه, بقالي اسبوع, بقالي شهر, بقالي كتير, من اسبوع وانا, من زمان وانا, طولتوا, طولتوا علي, تاخرتوا علي"""
)
DISTRESS = WordList(
    """really worried, help me please, please help me, please help, need help urgently, im scared, i am scared, scared,
    afraid, terrified, frightened, panicking, panic, crying, in tears, desperate, hopeless, im lost,
    i dont know what to do, i do not know what to do, dont know what to do, so much pain, im dying, worried sick,
    so worried, very worried, cant take it, cant cope, ساعدوني, ساعدني, ساعدونا, تكفي, تكفون, تكفي ساعدني,
    الله يخليكم ساعدوني, ارجوكم, ارجوك, دخيلك, دخيلكم, دخيل الله, ابوس ايدك, بترجاكم, بترجاك, اتوسل,
    محتاج مساعده ضروري, خايف, خايفه, خايفين, مرعوب, مرعوبه, مفزوع, قلقان, قلقانه, قلق جدا, ابكي, عم ببكي, بعيط, بصيح,
    اصيح, منهار, منهاره, تعبان نفسيا, تعبت نفسيا, يايس, يايسه, مو عارف شسوي, مدري وش اسوي, ما ادري شسوي,
    مش عارف اعمل ايه, ما بعرف شو اعمل, لا اعرف ماذا افعل, يا ويلي, ياويلي, مصيبه, كارثه, بموت, هموت, راح اموت,
    الم شديد, وجع شديد"""
)
THANKS = WordList(
    """thank you, thanks, thank you so much, many thanks, appreciate it, i appreciate, cheers, god bless, شكرا, شكرا لك,
    مشكور, مشكوره, مشكورين, تسلم, تسلمين, تسلموا, يعطيك العافيه, يعطيكم العافيه, الله يعطيك العافيه, ما قصرت,
    ما قصرتوا, جزاك الله خير, الله يسعدك, متشكر, متشكره, يسلمو, ممنون, ممنونك, كتر خيرك, كثر خيرك, الله يحفظك, فديتك,
    عاشت ايدك"""
)
PRAISE = WordList(
    """great, perfect, wonderful, excellent, lovely, amazing, awesome, happy, glad, pleased, satisfied, helpful,
    very kind, nice of you, good service, no problem, no worries, take your time, no rush, sounds good, brilliant,
    good, well done, ممتاز, ممتازه, رايع, رايعه, حلو, جميل, ممتازين, مبسوط, مبسوطه, سعيد, سعيده, فرحان, راضي, راضيه,
    مرتاح, كفو, كفوا, ما شا الله, ماشا الله, احسنت, احسنتوا, برافو, عسل, خدمه ممتازه, خدمه حلوه, ما عليه, عادي,
    ولا يهمك, علي مهلك, علي راحتك, براحتك, خذ راحتك, خذ وقتك, ما في مشكله, مافي مشكله, مفيش مشكله, مو مشكله"""
)
STRESS = WordList(
    """very, really, so, extremely, absolutely, totally, completely, too, such, honestly, bloody, damn, جدا, مره, مرا,
    وايد, وايد وايد, قوي, اوي, كتير, كثير, حيل, هواي, هوايه, بزاف, برشا, للغايه, جد, عن جد, والله, والله العظيم,
    خالص, بجد, صراحه, من جد"""
)
NOT = WordList(
    """not, isnt, arent, wasnt, dont, didnt, doesnt, wont, cant, never, no, hardly, without, aint, im not, no longer,
    مو, مش, مب, موب, مهو, ما, لا, ليس, ليست, لست, لم, لن, غير, ماني, مانيب, منيب, منو, ولا, بدون, مانا, منيش, مانيش,
    ماكنت, ما كنت, ماكنتش, مكنتش"""
)
BETWEEN = WordList(
    """so, very, really, that, at all, all, too, much, a, an, the, any, even, being, feeling, at, you, im, كثير, كتير,
    مره, جدا, وايد, انا, اكون, اني"""
)
"""May stand between a "not" and its word."""
